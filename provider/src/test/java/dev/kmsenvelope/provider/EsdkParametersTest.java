package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.Messages;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Suites, policies and required context of AWS Encryption SDK messages, through ciphers and channels. */
class EsdkParametersTest {

    private static final String POLICY = "esdk.commitment-policy";
    private static final String SUITE = "esdk.suite";
    private static final byte[] TEXT = Ciphers.random(1000);

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("master");

    /** A handle that writes messages of a suite, for code that has no parameters, and reads all. */
    private KmsSecretKey configured(EsdkSuite suite) {
        return Ciphers.handle(
                service,
                "master",
                POLICY,
                suite.isCommitting() ? "require-encrypt-allow-decrypt" : "forbid-encrypt-allow-decrypt",
                SUITE,
                suite.hexId(),
                "frame-length",
                "100");
    }

    private static String suiteOf(byte[] message) {
        return Messages.header(message).suite().hexId();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("The configured suite is what unmodified code writes; and every call form gives what one call gives")
    void everyCallForm(EsdkSuite suite) throws Exception {
        KmsSecretKey handle = configured(suite);
        byte[] message = Ciphers.encrypt(handle, TEXT);
        assertThat(suiteOf(message)).isEqualTo(suite.hexId());
        assertThat(Ciphers.decrypt(handle, message)).isEqualTo(TEXT);

        ByteBuffer direct = ByteBuffer.allocateDirect(5000);
        Ciphers.ours(Ciphers.ENVELOPE, Cipher.ENCRYPT_MODE, handle)
                .doFinal(ByteBuffer.allocateDirect(1000).put(TEXT).flip(), direct);
        ByteBuffer plain = ByteBuffer.allocateDirect(1000 + 106); // how long a signature is shows only at the end
        Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle).doFinal(direct.flip(), plain);
        assertThat(plain.flip()).isEqualTo(ByteBuffer.wrap(TEXT));

        for (int seed = 0; seed < 5; seed++) {
            byte[] pieces = inPieces(Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle), TEXT, seed);
            assertThat(inPieces(Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle), pieces, seed))
                    .isEqualTo(TEXT);
        }
        ByteArrayOutputStream streamed = new ByteArrayOutputStream();
        EnvelopeChannels.of(handle).encrypt(new ByteArrayInputStream(TEXT), streamed);
        ByteArrayOutputStream back = new ByteArrayOutputStream();
        EnvelopeChannels.of(handle).decrypt(new ByteArrayInputStream(streamed.toByteArray()), back);
        assertThat(back.toByteArray()).isEqualTo(TEXT);
        byte[] inPlace = Arrays.copyOf(TEXT, 6000);
        int length = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle).doFinal(inPlace, 0, 1000, inPlace, 0);
        assertThat(Ciphers.decrypt(handle, Arrays.copyOf(inPlace, length))).isEqualTo(TEXT);
    }

    private static byte[] inPieces(Cipher cipher, byte[] input, long seed) throws Exception {
        Random random = new Random(seed);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        while (at < input.length) {
            int count = Math.min(1 + random.nextInt(300), input.length - at);
            byte[] some = cipher.update(input, at, count);
            out.writeBytes(some == null ? new byte[0] : some);
            at += count;
        }
        out.writeBytes(cipher.doFinal());
        return out.toByteArray();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Through the cipher, every truncation and every flipped bit is an AEADBadTagException")
    void tampering(EsdkSuite suite) throws Exception {
        KmsSecretKey handle = configured(suite);
        byte[] message = Ciphers.encrypt(handle, Arrays.copyOf(TEXT, 110));
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle);
        for (int at = 0; at < message.length; at++) {
            byte[] cut = Arrays.copyOf(message, at);
            byte[] changed = message.clone();
            changed[at] ^= (byte) (1 << (at % 8));
            assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> cipher.doFinal(cut));
            assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> cipher.doFinal(changed));
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Data keys: one for each message where nothing is derived or all are signed, else one from the cache")
    void dataKeys(EsdkSuite suite) throws Exception {
        KmsSecretKey handle = configured(suite);
        Set<EncryptedDataKey> used = new HashSet<>();
        byte[] message = {};
        for (int i = 0; i < 5; i++) {
            message = Ciphers.encrypt(handle, TEXT);
            used.addAll(Messages.header(message).encryptedDataKeys());
        }
        boolean derives = Integer.parseInt(suite.hexId(), 16) >= 0x0100;
        assertThat(used).hasSize(derives && !suite.isSigned() ? 1 : 5);
        assertThat(service.generated).hasValue(used.size());
        int before = service.decrypted.get();
        for (int i = 0; i < 3; i++) {
            Ciphers.decrypt(handle, message);
        }
        assertThat(service.decrypted.get() - before).isEqualTo(derives ? 1 : 3);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("RULES 1: in version 1 there is no room for the caller's IV; getIV() tells the end of the random id")
    void ivs(EsdkSuite suite) throws Exception {
        KmsSecretKey handle = configured(suite);
        GCMParameterSpec given = new GCMParameterSpec(128, new byte[12]);
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle);
        byte[] iv = cipher.getIV();
        byte[] message = cipher.doFinal(TEXT);
        MessageHeader header = Messages.header(message);
        byte[] id = header.messageId();
        assertThat(iv).isEqualTo(Arrays.copyOfRange(id, id.length - 12, id.length));
        assertThat(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle, new GCMParameterSpec(128, iv))
                        .doFinal(message))
                .isEqualTo(TEXT);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle, given)
                        .doFinal(message));
        if (header.suite().messageVersion() == 1) {
            assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                    .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle, given))
                    .withMessageContaining("no room for an IV");
        } else {
            byte[] withIv = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle, given)
                    .doFinal(TEXT);
            assertThat(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle, given)
                            .doFinal(withIv))
                    .isEqualTo(TEXT);
        }
    }

    @Test
    @DisplayName(
            "The parameters' suite and policy go before the configured ones; a suite that may not be written is refused")
    void parametersAndSettings() throws Exception {
        KmsSecretKey plain = Ciphers.handle(service, "master");
        assertThat(suiteOf(Ciphers.encrypt(plain, TEXT))).isEqualTo("0478");
        KmsSecretKey old = Ciphers.handle(service, "master", POLICY, "forbid-encrypt-allow-decrypt");
        assertThat(suiteOf(Ciphers.encrypt(old, TEXT))).isEqualTo("0178");
        EnvelopeParameterSpec signed = EnvelopeParameterSpec.builder()
                .suite(EsdkSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384)
                .build();
        EnvelopeParameterSpec forbid = EnvelopeParameterSpec.builder()
                .commitmentPolicy(CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)
                .build();
        EnvelopeParameterSpec require = EnvelopeParameterSpec.builder()
                .commitmentPolicy(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
                .build();
        assertThat(suiteOf(encrypt(plain, signed))).isEqualTo("0578");
        byte[] version1 = encrypt(plain, forbid);
        assertThat(suiteOf(version1)).isEqualTo("0178");
        assertThat(suiteOf(encrypt(old, require))).isEqualTo("0478");
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> encrypt(old, signed))
                .withMessageContaining("0578");
        assertThat(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, plain, forbid).doFinal(version1))
                .isEqualTo(TEXT);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, old, require)
                        .doFinal(version1));
    }

    private static byte[] encrypt(KmsSecretKey key, EnvelopeParameterSpec spec) throws Exception {
        return Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, key, spec).doFinal(TEXT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "esdk.suite=0178",
                "esdk.suite=478",
                "esdk.suite=0578,esdk.commitment-policy=forbid-encrypt-allow-decrypt",
                "esdk.suite=0678",
                "esdk.commitment-policy=forbid",
                "esdk.commitment-policy=REQUIRE-ENCRYPT-ALLOW-DECRYPT",
                "decrypt.spool=-1",
                "key.master.required-context=aws-crypto-public-key"
            })
    void wrongSettings(String settings) {
        String[] all = settings.split("[,=]");
        assertThatThrownBy(() -> Ciphers.handle(service, "master", all)).isInstanceOf(KmsConfigurationException.class);
    }

    @Test
    @DisplayName("Required context by configuration: bound, not stored, and needed to read")
    void requiredContext() throws Exception {
        String[] settings = {
            "key.master.required-context", "tenant, purpose", "key.master.context.tenant", "a", "cache.max-age", "0s"
        };
        KmsSecretKey handle = Ciphers.handle(service, "master", settings);
        assertThat(KeyPolicy.configuredKeys(Configuration.of(Map.of("key.master.required-context", "tenant"))))
                .containsExactly(KeyId.of("master"));
        EnvelopeParameterSpec purpose = Ciphers.context("purpose", "p");
        byte[] message = encrypt(handle, purpose);
        assertThat(Messages.header(message).context().isEmpty()).isTrue();
        assertThat(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle, purpose)
                        .doFinal(message))
                .isEqualTo(TEXT);
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle))
                .withStackTraceContaining("purpose");
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle));
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(
                        () -> Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle, Ciphers.context("purpose", "q"))
                                .doFinal(message));
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> Ciphers.decrypt(Ciphers.uncachedHandle(service, "master"), message));
        byte[] stored = encrypt(Ciphers.handle(service, "master", "key.master.context.tenant", "a"), purpose);
        assertThat(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle, purpose)
                        .doFinal(stored))
                .as("they may stand in the message")
                .isEqualTo(TEXT);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EnvelopeChannels.Result result =
                EnvelopeChannels.of(handle).with(purpose).decrypt(new ByteArrayInputStream(message), out);
        assertThat(result.context().asMap()).isEqualTo(Map.of("tenant", "a", "purpose", "p"));
    }

    @Test
    @DisplayName("RULES 2: required context and AAD together: both are bound, and neither is taken for the other")
    void requiredContextAndAad() throws Exception {
        KmsSecretKey handle = Ciphers.uncachedHandle(service, "master");
        EnvelopeParameterSpec required = EnvelopeParameterSpec.builder()
                .context(Map.of("a", "b"))
                .requiredContextNames(Set.of("a"))
                .build();
        byte[] aad = {0, 1, 0, 1, 'a', 0, 1, 'b'};
        Cipher writing = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle, required);
        writing.updateAAD(aad);
        byte[] both = writing.doFinal(TEXT);
        byte[] contextOnly = encrypt(handle, required);
        assertThat(read(handle, required, aad, both)).isEqualTo(TEXT);
        for (byte[] message : List.of(both, contextOnly)) {
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(
                            () -> read(handle, EnvelopeParameterSpec.builder().build(), aad, message));
        }
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> read(handle, required, new byte[0], both));
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> read(handle, required, aad, contextOnly));
    }

    private static byte[] read(KmsSecretKey key, EnvelopeParameterSpec spec, byte[] aad, byte[] message)
            throws Exception {
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, key, spec);
        cipher.updateAAD(aad);
        return cipher.doFinal(message);
    }

    @Test
    @DisplayName("The example of docs/FORMAT-ESDK.md")
    void example() throws Exception {
        KmsSecretKey key = Ciphers.handle(service, "master");
        EnvelopeParameterSpec signed = EnvelopeParameterSpec.builder()
                .suite(EsdkSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384)
                .context(Map.of("tenant", "acme", "ticket", "4711"))
                .requiredContextNames(Set.of("ticket"))
                .build();
        Cipher cipher = Ciphers.ours("Envelope");
        cipher.init(Cipher.ENCRYPT_MODE, key, signed);
        byte[] message = cipher.doFinal(TEXT);

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EnvelopeChannels.of(key).with(signed).decrypt(new ByteArrayInputStream(message), out);

        assertThat(out.toByteArray()).isEqualTo(TEXT);
    }

    @Test
    void reservedNamesAreRefused() {
        assertThatThrownBy(() -> EnvelopeParameterSpec.builder().requiredContextNames(Set.of("aws-crypto-public-key")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> EnvelopeParameterSpec.builder().context(Map.of("aws-crypto-public-key", "x")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("A context that is too long with a signature's public key is refused in init")
    void longContext() {
        EnvelopeParameterSpec spec = EnvelopeParameterSpec.builder()
                .suite(EsdkSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384)
                .context(Map.of("a", "b".repeat(32700)))
                .build();
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> encrypt(Ciphers.handle(service, "master"), spec));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("A service that fails is a typed ProviderException, in init and while reading")
    void failures(EsdkSuite suite) throws Exception {
        KmsSecretKey handle = configured(suite);
        byte[] message = Ciphers.encrypt(handle, TEXT);
        service.failWith(() -> new KmsUnavailableException("down"));
        assertThatExceptionOfType(KmsUnavailableException.class)
                .isThrownBy(() -> Ciphers.encrypt(configured(suite), TEXT));
        assertThatExceptionOfType(KmsUnavailableException.class).isThrownBy(() -> Ciphers.decrypt(handle, message));
    }

    @ParameterizedTest
    @EnumSource
    void severalThreadsShareAHandle(EsdkSuite suite) throws Exception {
        KmsSecretKey handle = configured(suite);
        Crowd.each(4, number -> () -> {
            for (int i = 0; i < 20; i++) {
                byte[] text = Ciphers.random(50 * number + i);
                assertThat(Ciphers.decrypt(handle, Ciphers.encrypt(handle, text)))
                        .isEqualTo(text);
            }
            return number;
        });
    }
}
