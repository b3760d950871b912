package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Which files reencrypt looks at, and what it leaves alone. */
@DisabledOnOs(OS.WINDOWS)
class ReencryptFilesTest {

    private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;

    private Cli cli;
    private Path folder;
    private byte[] old;

    @BeforeEach
    void makeOldMessage() throws IOException {
        cli = new Cli(directory).withKey();
        folder = cli.file("a").getParent();
        Path made = cli.message("made", TEXT);
        old = Files.readAllBytes(made);
        Files.delete(made);
        cli.run("key", "rotate", Cli.KEY).ok();
    }

    private JsonObject summary(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "reencrypt";
        all[1] = "--json";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return JsonParser.parseString(cli.run(all).text()).getAsJsonObject();
    }

    private static int count(JsonObject summary, String name) {
        return summary.get(name).getAsInt();
    }

    @Test
    void foldersAreWalkedAndOtherFilesAreSkipped() throws IOException {
        Path deep = Files.createDirectories(folder.resolve("x/y/z"));
        Files.write(deep.resolve("m"), old);
        cli.write("m", old);
        byte[] text = "just text".getBytes(StandardCharsets.UTF_8);
        cli.write("text", text);
        cli.write("empty", new byte[0]);
        cli.write("two", new byte[] {2});
        cli.write("twos", new byte[] {2, 2, 2, 2, 2, 2});
        JsonObject summary = summary(folder.toString());
        assertThat(count(summary, "moved")).isEqualTo(2);
        assertThat(count(summary, "noMessage")).isEqualTo(4);
        assertThat(count(summary, "failed")).isZero();
        assertThat(summary.get("movedBytes").getAsLong()).isEqualTo(2L * old.length);
        assertThat(deep.resolve("m")).isRegularFile();
        assertThat(Files.readAllBytes(deep.resolve("m"))).isNotEqualTo(old);
        assertThat(cli.read("text")).isEqualTo(text);
    }

    @Test
    void aNamedFileHasToBeAMessage() throws IOException {
        cli.write("text", new byte[] {1, 2, 3, 4, 5});
        cli.run("reencrypt", cli.file("text").toString())
                .failedOf(ExitCode.MESSAGE, "text: not an AWS Encryption SDK message");
        cli.run("reencrypt", cli.file("none").toString())
                .failedOf(ExitCode.IO, "none: no such file or directory", "1 failed");
    }

    @Test
    void whatIsNamedTwiceComesOnce() throws IOException {
        Path sub = Files.createDirectory(folder.resolve("sub"));
        Files.write(sub.resolve("m"), old);
        JsonObject summary =
                summary(sub.resolve("m").toString(), folder.toString(), sub.toString(), folder + "/./sub/../sub");
        assertThat(count(summary, "moved")).isEqualTo(1);
        assertThat(count(summary, "current")).isZero();
    }

    @Test
    void linksInFoldersAreNotFollowed() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.write(outside.resolve("m"), old);
        Files.createSymbolicLink(cli.file("file-link"), outside.resolve("m"));
        Files.createSymbolicLink(cli.file("folder-link"), outside);
        Files.createSymbolicLink(cli.file("loop"), folder);
        Files.createSymbolicLink(cli.file("nowhere"), Path.of("nothing"));
        JsonObject summary = summary(folder.toString());
        assertThat(count(summary, "special")).isEqualTo(4);
        assertThat(count(summary, "moved") + count(summary, "failed")).isZero();
        assertThat(outside.resolve("m")).hasBinaryContent(old);
    }

    @Test
    void aLinkThatIsNamedStandsForItsFile() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.write(outside.resolve("m"), old);
        Files.createSymbolicLink(cli.file("link"), outside.resolve("m"));
        assertThat(count(summary(cli.file("link").toString()), "moved")).isEqualTo(1);
        assertThat(cli.file("link")).isSymbolicLink();
        assertThat(Files.isRegularFile(outside.resolve("m"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
        assertThat(Files.readAllBytes(outside.resolve("m"))).isNotEqualTo(old);
    }

    @Test
    void pipesAndDevicesAreNotOpened() throws Exception {
        Process mkfifo = new ProcessBuilder("mkfifo", cli.file("pipe").toString()).start();
        assumeTrue(mkfifo.waitFor() == 0, "mkfifo");
        assertThat(count(summary(folder.toString()), "special")).isEqualTo(1);
        cli.run("reencrypt", cli.file("pipe").toString()).failedOf(ExitCode.IO, "pipe: neither a file nor a folder");
        cli.run("reencrypt", "/dev/null").failedOf(ExitCode.IO, "/dev/null: neither a file nor a folder");
    }

    @Test
    void hardLinksAreAFailureUnlessTheyMayBeSplit() throws IOException {
        cli.write("one", old);
        Files.createLink(cli.file("two"), cli.file("one"));
        cli.run("reencrypt", folder.toString())
                .failedOf(ExitCode.IO, "one: has 2 names (hard links)", "two: has 2 names", "2 failed");
        assertThat(cli.read("one")).isEqualTo(old);
        assertThat(count(summary("--split-hard-links", folder.toString()), "moved"))
                .isEqualTo(2);
        assertThat(cli.read("one")).isNotEqualTo(cli.read("two"));
    }

    @Test
    void whatAKilledRunLeftIsRemoved() throws IOException {
        cli.write("m", old);
        cli.write(".kms-envelope-replace-0123456789abcdef.tmp", new byte[] {2, 4, 0x78});
        cli.write(".kms-envelope-0123456789abcdef.tmp", new byte[] {2, 4, 0x78});
        JsonObject dry = summary("--dry-run", folder.toString());
        assertThat(count(dry, "temporaryFilesRemoved")).isZero();
        assertThat(cli.listing()).hasSize(3);
        JsonObject summary = summary(folder.toString());
        assertThat(count(summary, "temporaryFilesRemoved")).isEqualTo(1);
        assertThat(count(summary, "temporary")).as("that of another command").isEqualTo(1);
        assertThat(cli.listing()).isEqualTo(List.of(".kms-envelope-0123456789abcdef.tmp", "m"));
    }

    @Test
    void permissionsStay() throws IOException {
        cli.write("m", old);
        Files.setPosixFilePermissions(cli.file("m"), PosixFilePermissions.fromString("r--r-----"));
        assertThat(count(summary(folder.toString()), "moved")).isEqualTo(1);
        assertThat(Files.getPosixFilePermissions(cli.file("m")))
                .isEqualTo(PosixFilePermissions.fromString("r--r-----"));
    }

    @Test
    void foldersAndFilesThatCannotBeReadFailAndDoNotStopTheOthers() throws IOException {
        cli.write("m", old);
        Path secret = Files.createDirectory(folder.resolve("a-secret"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("---------"));
        try {
            assumeTrue(!Files.isReadable(secret), "root reads everything");
            cli.run("reencrypt", folder.toString()).failedOf(ExitCode.IO, "a-secret: permission denied", "moved 1 (");
        } finally {
            Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void aFolderThatCannotBeWrittenToKeepsItsMessages() throws IOException {
        Path sub = Files.createDirectory(folder.resolve("sub"));
        Files.write(sub.resolve("m"), old);
        Files.setPosixFilePermissions(sub, PosixFilePermissions.fromString("r-xr-xr-x"));
        try {
            assumeTrue(!Files.isWritable(sub), "root writes everywhere");
            cli.run("reencrypt", folder.toString()).failedOf(ExitCode.IO, "m: permission denied", "1 failed");
        } finally {
            Files.setPosixFilePermissions(sub, PosixFilePermissions.fromString("rwx------"));
        }
        assertThat(sub.resolve("m")).hasBinaryContent(old);
    }

    @Test
    void namesThatATerminalWouldActOnAreMadeVisible() throws IOException {
        cli.write("evil\u001b[31m", new byte[] {2, 4, 0x78, 1});
        Cli.Result result = cli.run("reencrypt", folder.toString());
        assertThat(result.code()).isEqualTo(ExitCode.MESSAGE);
        assertThat(result.err()).contains("evil\\u001b[31m").doesNotContain("\u001b");
    }
}
