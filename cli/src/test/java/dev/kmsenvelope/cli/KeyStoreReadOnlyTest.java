package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code keystore} where nothing can be written. */
class KeyStoreReadOnlyTest {

    @TempDir
    private Path directory;

    private Cli cli;
    private Path folder;
    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        cli = new Cli(directory);
        folder = Files.createDirectory(cli.file("folder"));
        file = folder.resolve("app.kms");
        cli.run("keystore", "create", file.toString()).ok();
        cli.run("keystore", "add-key", file.toString(), "tokens").ok();
    }

    /** Permissions do not bind the superuser; the mark that a file system has for such folders does. */
    private boolean lock() throws Exception {
        return (folder.toFile().setWritable(false) && !Files.isWritable(folder)) || mark("+i");
    }

    private boolean mark(String how) throws Exception {
        try {
            return new ProcessBuilder("chattr", how, folder.toString())
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private void unlock() throws Exception {
        mark("-i");
        folder.toFile().setWritable(true);
    }

    private List<String> listing() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void nothingIsWrittenAndItIsSaid() throws Exception {
        Path source = cli.write("key.pem", pem());
        byte[] before = Files.readAllBytes(file);
        List<String> listed = listing();
        boolean locked = lock();
        try {
            assumeTrue(locked, "this user can write everywhere");
            cli.run("keystore", "create", folder.resolve("new.kms").toString())
                    .failed(ExitCode.IO, "new.kms", "cannot be written");
            cli.run("keystore", "add-key", file.toString(), "more").failed(ExitCode.IO, "app.kms", "cannot be written");
            cli.run("keystore", "add-key", file.toString(), "tokens", "--rotate")
                    .failed(ExitCode.IO, "app.kms", "cannot be written");
            cli.run("keystore", "rewrap", file.toString()).failed(ExitCode.IO, "app.kms", "cannot be written");
            cli.run("keystore", "import", file.toString(), source.toString(), "--alias", "ca")
                    .failed(ExitCode.IO, "app.kms", "cannot be written");
            assertThat(cli.run("keystore", "verify", file.toString()).ok().text())
                    .as("reading needs no leave to write")
                    .contains("tokens");
            assertThat(listing()).isEqualTo(listed);
            assertThat(Files.readAllBytes(file)).isEqualTo(before);
        } finally {
            unlock();
        }
        cli.run("keystore", "add-key", file.toString(), "more").ok();
    }

    private static byte[] pem() throws Exception {
        var pair = Stores.rsa();
        return Stores.pem(Stores.certificate("ca", pair, "ca", pair, "SHA256withRSA"));
    }

    /** Here not even the superuser can. */
    @Test
    void aFolderOfTheSystemIsSaidToo() {
        Path nowhere = Path.of("/proc/app.kms");
        assumeTrue(Files.isDirectory(nowhere.getParent()), "a file system that nobody can write to");

        cli.run("keystore", "create", nowhere.toString()).failed(ExitCode.IO, nowhere.toString(), "cannot be written");
    }
}
