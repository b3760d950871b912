package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kmsenvelope.cli.Program.Ending;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.format.RawAesKeyInfo;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.Backends;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder of some hundred messages is moved after a rotation, by the jar as a process that is killed again and again. RULES 5: at
 * every moment each file is one whole message, the old or the new one.
 */
@DisabledOnOs(OS.WINDOWS)
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReencryptIT {

    /** Each of the edges below is the length of one. */
    private static final int COUNT = 520;

    private static final int KILLS = 4;
    private static final int LARGE = 480;
    private static final int[] EDGES = {0, 1, 15, 16, 17, 65535, 65536, 65537, 131071, 131072, 131073, 100_000, 1 << 20
    };
    private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));

    @TempDir
    private Path directory;

    private final Random random = new Random(20261124);
    private Program program;
    private Configuration configuration;
    private Path folder;
    private final Map<Integer, Path> files = new TreeMap<>();

    @BeforeEach
    void makeKey() throws Exception {
        Path keys = directory.resolve("keys");
        program = new Program(keys);
        configuration = Configuration.of(Map.of("local.directory", keys.toString()));
        run("key", "create", "alias/orders");
        folder = Files.createDirectory(directory.resolve("folder"));
    }

    private void encrypt(IntStream numbers) throws Exception {
        try (KeyService service = Backends.openService(configuration)) {
            Cipher cipher = Cipher.getInstance("Envelope", new KmsEnvelopeProvider());
            KmsSecretKey key = handle(service, "alias/orders");
            for (int i : numbers.toArray()) {
                Path sub = Files.createDirectories(folder.resolve(String.format("%02d", i / 50)));
                Path file = sub.resolve(String.format("%04d.enc", i));
                cipher.init(Cipher.ENCRYPT_MODE, key);
                Files.write(file, cipher.doFinal(plaintext(i)));
                Files.setLastModifiedTime(file, LONG_AGO);
                files.put(i, file);
            }
        }
    }

    private static KmsSecretKey handle(KeyService service, String name) {
        KeyId id = KeyId.of(name);
        return KmsSecretKey.of(service, id, KeyPolicy.of(Configuration.empty(), id));
    }

    private static byte[] plaintext(int i) {
        boolean isEdge = i % 40 == 0;
        byte[] bytes = new byte[isEdge ? EDGES[i / 40 % EDGES.length] : new Random(i).nextInt(3000)];
        new Random(i).nextBytes(bytes);
        return bytes;
    }

    private Ending run(String... arguments) throws Exception {
        Ending ending = program.run(arguments);
        assertThat(ending.code()).as(ending.err()).isZero();
        return ending;
    }

    private static String version(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            MessageHeader header = MessageHeader.read(in, HeaderLimits.DEFAULT);
            String name = RawAesKeyInfo.parse(header.encryptedDataKeys().get(0).providerInfo())
                    .keyName();
            return name.substring(name.indexOf('/') + 1);
        }
    }

    /** Opens all files under a key; returns how many are under its version 2. */
    private int openAll(String key) throws Exception {
        int moved = 0;
        try (KeyService service = Backends.openService(configuration)) {
            Cipher cipher = Cipher.getInstance("Envelope", new KmsEnvelopeProvider());
            cipher.init(Cipher.DECRYPT_MODE, handle(service, key));
            for (Map.Entry<Integer, Path> file : files.entrySet()) {
                assertThat(cipher.doFinal(Files.readAllBytes(file.getValue())))
                        .as("file %d", file.getKey())
                        .isEqualTo(plaintext(file.getKey()));
                moved += version(file.getValue()).equals("2") ? 1 : 0;
            }
        }
        return moved;
    }

    private List<Path> others() throws IOException {
        Set<Path> known = new HashSet<>(files.values());
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(Files::isRegularFile)
                    .filter(file -> !known.contains(file))
                    .toList();
        }
    }

    /** Starts to move and kills the process soon after it has moved a certain file. */
    private void killAfter(int index, boolean gently) throws Exception {
        Process process = program.start("reencrypt", folder.toString());
        while (Files.getLastModifiedTime(files.get(index)).equals(LONG_AGO) && process.isAlive()) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        TimeUnit.MICROSECONDS.sleep(random.nextInt(5000));
        if (gently) {
            process.destroy();
        } else {
            process.destroyForcibly();
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    private Map<String, Integer> filesByVersion() throws Exception {
        JsonArray rows = JsonParser.parseString(
                        run("dependencies", "--json", folder.toString()).text())
                .getAsJsonObject()
                .getAsJsonArray("dependencies");
        Map<String, Integer> counts = new TreeMap<>();
        rows.forEach(row -> counts.put(
                row.getAsJsonObject().get("version").getAsString(),
                row.getAsJsonObject().get("onlyKeyOf").getAsInt()));
        return counts;
    }

    @Test
    void aFullDiskKeepsTheOldMessages() throws Exception {
        encrypt(IntStream.of(1, LARGE));
        run("key", "rotate", "alias/orders");
        Path large = files.get(LARGE);
        assertThat(Files.size(large)).isGreaterThan(1 << 20);
        Ending ending = program.shell(
                new byte[0],
                "ulimit -f 512 && exec \"$@\"",
                "reencrypt",
                large.toString(),
                files.get(1).toString());
        assertThat(ending.code()).as(ending.err()).isEqualTo(5);
        assertThat(ending.err()).contains(large.getFileName() + ": cannot write", "moved 1 (", "1 failed");
        assertThat(others()).isEmpty();
        assertThat(openAll("alias/orders")).isEqualTo(1);
    }

    @Test
    void nothingIsLostAtAnyKill() throws Exception {
        encrypt(IntStream.range(0, COUNT));
        run("key", "rotate", "alias/orders");
        assertThat(filesByVersion()).isEqualTo(Map.of("1", COUNT));

        int moved = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            int index = moved + random.nextInt((COUNT / 2 - moved) / (KILLS - kill) + 1);
            boolean gently = kill == KILLS - 1;
            killAfter(index, gently);
            int now = openAll("alias/orders");
            assertThat(now).as("it goes on where it was killed").isGreaterThan(index);
            assertThat(now).isLessThan(COUNT);
            assertThat(others())
                    .as("at most what it was writing is left, and a signal that can be handled leaves nothing")
                    .hasSizeLessThanOrEqualTo(gently ? 0 : 1);
            moved = now;
        }
        assertThat(filesByVersion()).isEqualTo(Map.of("1", COUNT - moved, "2", moved));

        JsonObject summary = JsonParser.parseString(
                        run("reencrypt", "--json", folder.toString()).text())
                .getAsJsonObject();
        assertThat(summary.get("current").getAsInt()).isEqualTo(moved);
        assertThat(summary.get("moved").getAsInt()).isEqualTo(COUNT - moved);
        assertThat(others()).isEmpty();
        assertThat(openAll("alias/orders")).isEqualTo(COUNT);
        assertThat(filesByVersion()).isEqualTo(Map.of("2", COUNT));

        // Under another key, so that the old one can go.
        run("key", "create", "alias/next");
        run("reencrypt", "--from", "alias/orders", "--key", "alias/next", "--quiet", folder.toString());
        run("key", "disable", "alias/orders");
        assertThat(openAll("alias/next")).isZero();
    }
}
