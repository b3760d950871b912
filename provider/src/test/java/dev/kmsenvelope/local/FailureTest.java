package dev.kmsenvelope.local;

import static dev.kmsenvelope.local.TestStore.CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Failures at every step of every change: nothing is lost, and the next call works. */
class FailureTest {

    private static final KeyId ORDERS = KeyId.of("alias/orders");
    private static final String PASSPHRASE = "a passphrase";

    /** What administrators do. */
    private enum Change {
        SECRET {
            @Override
            void apply(LocalKeyAdministration admin) {
                admin.changeToGeneratedSecret();
            }
        },
        PASSPHRASE {
            @Override
            void apply(LocalKeyAdministration admin) {
                admin.changePassphrase(FailureTest.PASSPHRASE.toCharArray());
            }
        },
        ROTATION {
            @Override
            void apply(LocalKeyAdministration admin) {
                admin.rotate(ORDERS);
            }
        };

        abstract void apply(LocalKeyAdministration admin);
    }

    /** Who makes the second change. */
    private enum Actor {
        SAME,
        OPEN_SINCE_BEFORE,
        FRESH
    }

    @TempDir
    Path temporary;

    private final List<TestStore> stores = new ArrayList<>();
    private byte[] keyFile;
    private byte[] secret;
    private EncryptedDataKey encrypted;

    @BeforeEach
    void aStore() throws Exception {
        TestStore store = process(temporary.resolve("keys"), null);
        store.administration().createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS);
        encrypted = store.service().encrypt(ORDERS, new byte[32], CONTEXT);
        keyFile = Files.readAllBytes(store.keyFile());
        secret = Files.readAllBytes(store.directory.resolve("secret"));
    }

    @AfterEach
    void close() {
        stores.forEach(TestStore::close);
        stores.clear();
    }

    /** What a process of its own sees of a directory. */
    private TestStore process(Path directory, String passphrase) {
        TestStore process = new TestStore(directory);
        process.setPassphrase(passphrase);
        process.iterations = 1;
        process.files.durable = false;
        stores.add(process);
        return process;
    }

    /** A fresh process, set up with what opens the store. */
    private TestStore opens(Path directory, String situation) {
        for (String passphrase : new String[] {null, PASSPHRASE}) {
            TestStore fresh = process(directory, passphrase);
            try {
                LocalKeyService service = fresh.service();
                service.decrypt(ORDERS, encrypted, CONTEXT).close();
                return fresh;
            } catch (KeyFileException e) {
                // the other one may
            }
        }
        throw new AssertionError("nothing opens the store after " + situation);
    }

    /** Makes a change that fails at a step; false if it has fewer steps, and so was done. */
    private static boolean fails(
            TestStore process, LocalKeyAdministration admin, Change change, int step, boolean crash) {
        process.files.crash = crash;
        process.files.failAtNumber = step;
        try {
            change.apply(admin);
            return process.files.failAtNumber == 0;
        } catch (KmsUnavailableException | TestStore.Crash e) {
            return true;
        } catch (KeyFileException e) {
            return false; // It was opened by what does not open the store any more.
        } finally {
            process.files.failAtNumber = 0;
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Change.class,
            names = {"SECRET", "PASSPHRASE"})
    @DisplayName("Whatever fails, and at whatever steps of two changes by whomever, the store opens")
    void twoChangesThatFailLoseNothing(Change first) throws Exception {
        int situations = 0;
        for (Actor actor : Actor.values()) {
            for (Change second : Change.values()) {
                boolean more = true;
                for (int m = 1; more; m++) {
                    more = twice(first, m, actor, second);
                    situations++;
                }
            }
        }
        assertThat(situations).isGreaterThan(9 * 6);
    }

    private boolean twice(Change first, int m, Actor actor, Change second) throws Exception {
        boolean crash = actor != Actor.SAME; // Others take over from the dead, who clean nothing up.
        boolean more = true;
        boolean firstFailed = false;
        for (int n = 1; more; n++) {
            String situation = first + " failing at " + m + ", then " + second + " by " + actor + " failing at " + n;
            Path directory = theStoreAgain();
            TestStore one = process(directory, null);
            TestStore two = process(directory, null);
            LocalKeyAdministration admin = one.administration();
            LocalKeyAdministration before = two.administration();

            firstFailed = fails(one, admin, first, m, crash);
            TestStore fresh = opens(directory, situation);
            more = switch (actor) {
                case SAME -> fails(one, admin, second, n, crash);
                case OPEN_SINCE_BEFORE -> fails(two, before, second, n, crash);
                case FRESH -> fails(fresh, fresh.administration(), second, n, crash);
            };
            LocalKeyAdministration afterwards = opens(directory, situation).administration();

            afterwards.rotate(ORDERS);
            afterwards.changeToGeneratedSecret();
            assertThat(opens(directory, situation).passphrase).as(situation).isNull();
            assertThat(directory.resolve("secret.new")).as(situation).doesNotExist();
            close();
        }
        return firstFailed;
    }

    /** In one directory, whose lock stays open as long as this process lives. */
    private Path theStoreAgain() throws IOException {
        Path directory = temporary.resolve("keys");
        for (String file : new String[] {"keys.p7m.tmp", "secret.tmp", "secret.new", "secret.new.tmp"}) {
            Files.deleteIfExists(directory.resolve(file));
        }
        Files.write(directory.resolve(LocalStore.KEY_FILE), keyFile);
        TestStore.writeOwnerOnly(directory.resolve("secret"), new String(secret, StandardCharsets.US_ASCII));
        return directory;
    }

    @ParameterizedTest
    @EnumSource(Change.class)
    void afterAnErrorTheServiceGoesOn(Change change) {
        TestStore store = process(temporary.resolve("keys"), null);
        LocalKeyAdministration admin = store.administration();
        LocalKeyService service = store.service();
        for (int step = 1; fails(store, admin, change, step, true); step++) {
            assertThat(admin.state().keys()).hasSize(1);
            admin.rotate(ORDERS);
            admin.changeToGeneratedSecret();
            service.decrypt(ORDERS, encrypted, CONTEXT).close();
            service.encrypt(ORDERS, new byte[32], CONTEXT);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Change.class,
            names = {"SECRET", "PASSPHRASE"})
    void readersGoOnWhileTheSecretChanges(Change change) {
        for (String step : new String[] {"write keys.p7m.tmp", "move keys.p7m.tmp", "sync"}) {
            TestStore store = process(temporary.resolve("keys"), "before");
            process(temporary.resolve("keys"), null).administration().changePassphrase("before".toCharArray());
            LocalStore shared = LocalStore.open(store.settings());
            try (LocalKeyAdministration admin = new LocalKeyAdministration(shared);
                    LocalKeyService reader = new LocalKeyService(shared)) {
                List<String> read = new ArrayList<>();
                Runnable reading = () -> read.add(CompletableFuture.supplyAsync(
                                () -> reader.describe(ORDERS).id().value())
                        .orTimeout(20, TimeUnit.SECONDS)
                        .join());
                store.files.before.put("move keys.p7m.tmp", () -> {
                    if (step.equals("sync")) {
                        store.files.before.put(step, reading); // The new file is in place, but not known to be.
                    }
                });
                if (!step.equals("sync")) {
                    store.files.before.put(step, reading);
                }
                change.apply(admin);
                assertThat(read).as(step).hasSize(1);
                admin.rotate(ORDERS);
                admin.changeToGeneratedSecret();
            }
        }
    }

    @Test
    @DisplayName("RULES 16: a key that seals nothing in the end is wiped")
    void keysOfFailedChangesAreWiped() throws Exception {
        TestStore store = process(temporary.resolve("keys"), null);
        GeneratedSecret files = new GeneratedSecret(store.directory, store.settings());
        KeyFileOpener opener = new KeyFileOpener(
                store.settings(), files, LocalStore.open(store.settings()).gcm());
        StoreMemory memory = new StoreMemory(store.keyFile(), files, opener);
        PassphraseKey unused = opener.derive(PASSPHRASE.toCharArray(), 1);
        memory.beginWriting(unused);
        memory.refresh();
        assertThat(memory.keys()).hasSize(2).contains(unused);
        memory.forget();
        memory.endWriting();
        memory.refresh();
        assertThat(memory.keys()).hasSize(1).doesNotContain(unused);
        assertThat(unused.key().isDestroyed()).isTrue();

        Files.writeString(store.keyFile(), "broken");
        PassphraseKey refused = opener.derive(PASSPHRASE.toCharArray(), 1);
        assertThatThrownBy(() -> memory.beginWriting(refused)).isInstanceOf(KeyFileException.class);
        assertThat(refused.key().isDestroyed()).isTrue();
        PassphraseKey current = memory.keys().get(0);
        memory.close();
        assertThat(current.key().isDestroyed()).isTrue();
    }

    /** The operating system's source, which fails once. */
    private static final class FailingRandom extends SecureRandom {
        private static final long serialVersionUID = 1L;
        private final transient SecureRandom source = OsRandom.create();
        private int failAt;

        @Override
        public void nextBytes(byte[] bytes) {
            if (failAt > 0 && --failAt == 0) {
                throw new ProviderException("nextBytes() failed");
            }
            source.nextBytes(bytes);
        }
    }

    @Test
    @DisplayName("Without random bytes nothing is encrypted, and the error is one of the key service")
    void aFailureOfTheRandomSourceIsAFailureOfTheService() throws Exception {
        Path backup = temporary.resolve("backup");
        process(temporary.resolve("keys"), null).administration().backup(backup, PASSPHRASE.toCharArray());
        FailingRandom random = new FailingRandom();
        TestStore store = process(temporary.resolve("new"), null);
        store.random = random;
        store.maxUses = 1; // So that each use rotates the key.
        LocalKeyAdministration admin = store.administration();
        LocalKeyService service = store.service();
        List<Executable> calls = List.of(
                () -> admin.createKey(KeySpec.SYMMETRIC_DEFAULT),
                () -> admin.restore(backup, PASSPHRASE.toCharArray(), true),
                () -> admin.rotate(ORDERS),
                () -> service.encrypt(ORDERS, new byte[32], CONTEXT),
                () -> service.generateDataKey(ORDERS, 32, CONTEXT).close(),
                () -> service.reEncrypt(
                        ORDERS, service.encrypt(ORDERS, new byte[32], CONTEXT), CONTEXT, ORDERS, CONTEXT),
                () -> admin.backup(temporary.resolve("backup" + random.failAt), PASSPHRASE.toCharArray()),
                () -> admin.changePassphrase(PASSPHRASE.toCharArray()),
                admin::changeToGeneratedSecret);
        for (int i = 0; i < calls.size(); i++) {
            int step = 1;
            for (; failsForWantOfRandomBytes(random, step, calls.get(i)); step++) {
                assertThat(step).isLessThan(30);
            }
            assertThat(step).as("call %d draws random bytes", i).isGreaterThan(1);
        }
    }

    private static boolean failsForWantOfRandomBytes(FailingRandom random, int step, Executable call)
            throws IOException {
        random.failAt = step;
        try {
            call.execute();
            return random.failAt == 0;
        } catch (KmsException e) {
            assertThat(e).hasMessageContaining("random");
            return true;
        } catch (Throwable e) {
            throw new AssertionError("not an error of the key service", e);
        } finally {
            random.failAt = 0;
        }
    }
}
