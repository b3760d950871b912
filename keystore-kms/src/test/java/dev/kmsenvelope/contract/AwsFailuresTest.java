package dev.kmsenvelope.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsAuthenticationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.testing.kms.Fault;
import dev.kmsenvelope.testing.kms.LoopbackKms;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Trouble with AWS KMS, as programs meet it: in a Cipher, with wrong credentials, and without leaving anything behind. */
class AwsFailuresTest {

    private static final KmsEnvelopeProvider PROVIDER = new KmsEnvelopeProvider();

    private final LoopbackKms server = new LoopbackKms();
    private final AwsCredentialsProperties credentials = new AwsCredentialsProperties("failing");
    private KeyId key;

    @BeforeEach
    void makeKey() {
        try (KeyAdministration administration = Backends.openAdministration(settings())) {
            key = administration
                    .createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of("alias/failing"))
                    .id();
        }
        server.log().clear();
    }

    @AfterEach
    void close() {
        credentials.close();
        server.close();
    }

    private Configuration settings() {
        return AwsLoopbackContractTest.configuration(server, Map.of("aws.retries", "1"));
    }

    private static Cipher cipher(int mode, Key handle) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", PROVIDER);
        cipher.init(mode, handle);
        return cipher;
    }

    @Test
    @DisplayName("RULES 19: trouble leaves init of an encryption and doFinal of a decryption as what it is")
    void throughACipher() throws Exception {
        StringBuilder text = new StringBuilder();
        settings()
                .asMap()
                .forEach((name, value) ->
                        text.append(name).append(" = ").append(value).append('\n'));
        text.append("cache.max-age = 0s\n");
        KeyStore keyStore = KeyStore.getInstance("KMS", PROVIDER);
        keyStore.load(new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)), null);
        Key handle = keyStore.getKey("alias/failing", null);
        byte[] message = cipher(Cipher.ENCRYPT_MODE, handle).doFinal(Contract.TEXT);
        Map<Fault, Class<? extends KmsException>> faults = Map.of(
                Fault.DENIED, KeyAccessDeniedException.class,
                Fault.DISABLED, KeyDisabledException.class,
                Fault.THROTTLED, KmsThrottledException.class,
                Fault.GARBAGE, KmsUnavailableException.class,
                Fault.MISSING_MEMBERS, KmsUnavailableException.class,
                Fault.CUT_IN_ANSWER, KmsUnavailableException.class);
        faults.forEach((fault, expected) -> {
            server.faults().inject("GenerateDataKey", fault);
            server.faults().inject("Decrypt", fault);
            assertThatThrownBy(() -> cipher(Cipher.ENCRYPT_MODE, handle)).isExactlyInstanceOf(expected);
            assertThatThrownBy(() -> cipher(Cipher.DECRYPT_MODE, handle).doFinal(message))
                    .isExactlyInstanceOf(expected);
        });
        server.faults().clear();
        server.faults().inject("Decrypt", Fault.WRONG_LENGTH);
        assertThatThrownBy(() -> cipher(Cipher.DECRYPT_MODE, handle).doFinal(message))
                .isExactlyInstanceOf(AEADBadTagException.class);
        server.faults().clear();
        assertThat(cipher(Cipher.DECRYPT_MODE, handle).doFinal(message)).isEqualTo(Contract.TEXT);
    }

    @Test
    void credentialsAndClocks() {
        try (KeyService service = Backends.openService(settings())) {
            server.access().expire("failing");
            assertThatThrownBy(() -> service.encrypt(key, Contract.TEXT, Contract.NONE))
                    .isExactlyInstanceOf(KmsAuthenticationException.class);
            server.access().clear();
            server.shiftClock(Duration.ofHours(1));
            assertThatThrownBy(() -> service.encrypt(key, Contract.TEXT, Contract.NONE))
                    .isExactlyInstanceOf(KmsAuthenticationException.class);
            server.shiftClock(Duration.ZERO);
            server.access().deny("failing", "Encrypt");
            assertThatThrownBy(() -> service.encrypt(key, Contract.TEXT, Contract.NONE))
                    .isExactlyInstanceOf(KeyAccessDeniedException.class)
                    .hasMessageContaining("kms:Encrypt");
        }
    }

    @Test
    void whatPassesIsRepeatedOnce() {
        for (Fault fault : new Fault[] {Fault.INTERNAL_ERROR, Fault.UNAVAILABLE, Fault.CUT_BEFORE_ANSWER}) {
            try (KeyService service = Backends.openService(settings())) {
                server.log().clear();
                server.faults().inject("Encrypt", fault, 1);
                service.encrypt(key, Contract.TEXT, Contract.NONE);
                assertThat(server.log().count("Encrypt")).as("%s", fault).isEqualTo(2);
            }
        }
    }

    /** Threads of the JDK, which it keeps for later, are not ours. */
    private static Set<Thread> ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("kms-envelope-aws")
                        || thread.getName().startsWith("sdk-"))
                .filter(thread -> !thread.getName().contains("cleaner"))
                .collect(Collectors.toSet());
    }

    @Test
    void closedServicesLeaveNoThreads() throws Exception {
        Set<Thread> before = ours();
        for (int i = 0; i < 10; i++) {
            try (KeyService service = Backends.openService(settings())) {
                server.faults().inject("Encrypt", i % 2 == 0 ? Fault.CUT_IN_ANSWER : Fault.GARBAGE);
                assertThatThrownBy(() -> service.encrypt(key, Contract.TEXT, Contract.NONE))
                        .isInstanceOf(KmsUnavailableException.class);
            }
        }
        Set<Thread> left = ours();
        left.removeAll(before);
        for (Thread thread : left) {
            thread.join(60_000); // It was told to end; when it does so is the scheduler's matter.
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }
}
