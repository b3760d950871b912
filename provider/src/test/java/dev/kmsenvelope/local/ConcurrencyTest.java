package dev.kmsenvelope.local;

import static dev.kmsenvelope.local.TestStore.CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.files.DirectoryLock;
import dev.kmsenvelope.format.RawAesKeyInfo;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDescription.KeyVersion;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrencyTest {

    private static final KeyId SHARED = KeyId.of("alias/shared");

    /** Each takes the start of a JVM; more for those who look for something. */
    private static final int KILLS = Integer.getInteger("kmsenvelope.kills", 6);

    @TempDir
    Path temporary;

    private Path directory;
    private TestStore store;

    @BeforeEach
    void open() {
        directory = temporary.resolve("keys");
        store = new TestStore(directory);
        store.administration().createKey(KeySpec.SYMMETRIC_DEFAULT, SHARED);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    @DisplayName("RULES 10: threads never use more than was reserved, and all that they encrypt opens")
    void threadsShareAStore() throws Exception {
        LocalKeyService service = store.service();
        LocalKeyAdministration admin = store.administration();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<List<EncryptedDataKey>>> results = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                boolean rotates = t < 2;
                Callable<List<EncryptedDataKey>> work = () -> {
                    List<EncryptedDataKey> encrypted = new ArrayList<>();
                    for (int i = 0; i < 200; i++) {
                        if (rotates && i % 20 == 0) {
                            admin.rotate(SHARED);
                        }
                        EncryptedDataKey each = service.encrypt(SHARED, new byte[32], CONTEXT);
                        service.decrypt(SHARED, each, CONTEXT).close();
                        encrypted.add(each);
                    }
                    return encrypted;
                };
                results.add(threads.submit(work));
            }
            List<EncryptedDataKey> all = new ArrayList<>();
            for (Future<List<EncryptedDataKey>> result : results) {
                all.addAll(result.get(60, TimeUnit.SECONDS));
            }
            assertThat(service.describe(SHARED).versions()).hasSize(21);
            checkUses(service, all);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    @DisplayName("RULES 10: two processes in one directory lose nothing, and their counts never overlap")
    void processesShareADirectory() throws Exception {
        List<Path> outputs = List.of(temporary.resolve("one"), temporary.resolve("two"));
        List<Process> processes = List.of(
                StoreProcess.start(directory, 30, 1, outputs.get(0)),
                StoreProcess.start(directory, 30, 2, outputs.get(1)));
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            assertThat(processes.get(i).waitFor(60, TimeUnit.SECONDS)).isTrue();
            List<String> mine = lines(outputs.get(i));
            assertThat(mine).last().isEqualTo("done");
            lines.addAll(mine);
        }
        check(lines);
        long rotations =
                lines.stream().filter(line -> line.startsWith("rotated")).count();
        assertThat(store.service().describe(SHARED).versions()).hasSize((int) rotations + 1);
    }

    @Test
    void aKilledProcessLeavesAStoreThatOpensWithAllItAcknowledged() throws Exception {
        Random random = new Random(7);
        List<String> lines = new ArrayList<>();
        for (int round = 0; round < KILLS; round++) {
            Path output = temporary.resolve("output" + round);
            Process process = StoreProcess.start(directory, 1_000_000, round, output);
            while (process.isAlive() && Files.size(output) == 0) {
                Thread.sleep(1);
            }
            Thread.sleep(random.nextInt(120)); // It is at work now.
            process.destroyForcibly();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isNotZero();
            List<String> acknowledged = lines(output);
            check(acknowledged);
            lines.addAll(acknowledged);
        }
        check(lines);
        assertThat(lines).hasSizeGreaterThan(100);
        assertThat(store.administration().rotate(SHARED).versions()).isNotEmpty();
    }

    /** The complete lines: the end of the process may have cut the last one off. */
    private static List<String> lines(Path output) throws IOException {
        String text = Files.readString(output);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    private void check(List<String> lines) throws Exception {
        try (LocalKeyService service = new LocalKeyService(LocalStore.open(store.settings()))) {
            KeyDescription shared = service.describe(SHARED);
            List<String> ids =
                    service.list().stream().map(key -> key.id().value()).toList();
            List<EncryptedDataKey> encrypted = new ArrayList<>();
            for (String line : lines) {
                String[] words = line.split(" ", 2);
                switch (words[0]) {
                    case "created" -> assertThat(ids).contains(words[1]);
                    case "rotated" ->
                        assertThat(shared.versions()).hasSizeGreaterThanOrEqualTo(Integer.parseInt(words[1]));
                    case "encrypted" ->
                        encrypted.add(
                                service.fromBlob(SHARED, Base64.getDecoder().decode(words[1])));
                    case "done" -> {}
                    default -> throw new AssertionError(line);
                }
            }
            checkUses(service, encrypted);
        }
    }

    private static void checkUses(LocalKeyService service, List<EncryptedDataKey> encrypted) throws Exception {
        KeyDescription key = service.describe(SHARED);
        Map<String, Long> uses = new HashMap<>();
        for (EncryptedDataKey each : encrypted) {
            service.decrypt(SHARED, each, CONTEXT).close();
            uses.merge(RawAesKeyInfo.parse(each.providerInfo()).keyName(), 1L, Long::sum);
        }
        for (KeyVersion version : key.versions()) {
            assertThat(uses.getOrDefault(key.id() + "/" + version.id(), 0L))
                    .isLessThanOrEqualTo(version.reservedUses());
        }
    }

    @Test
    void aLockThatIsHeldForeverIsAnErrorAndNotAHang() throws Exception {
        try (DirectoryLock.Held held = DirectoryLock.acquire(directory, Duration.ofSeconds(1))) {
            assertThat(held).isNotNull();
            Process other = StoreProcess.start(
                    directory, 1, 4, temporary.resolve("output")); // Its first change needs the lock.
            assertThat(other.waitFor(1500, TimeUnit.MILLISECONDS)).isFalse();
            other.destroyForcibly().waitFor();
        }
    }

    @Test
    void aDeletedLockFileIsReplaced() throws Exception {
        DirectoryLock.acquire(directory, Duration.ofSeconds(1)).close();
        Files.delete(directory.resolve(DirectoryLock.FILE));
        DirectoryLock.acquire(directory, Duration.ofSeconds(1)).close();
        assertThat(directory.resolve(DirectoryLock.FILE)).exists();
    }
}
