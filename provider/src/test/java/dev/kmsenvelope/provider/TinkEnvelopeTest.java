package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.KmsClient;
import com.google.crypto.tink.KmsClients;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadParameters;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.aead.KmsEnvelopeAead;
import com.google.crypto.tink.aead.LegacyKmsEnvelopeAeadKey;
import com.google.crypto.tink.aead.LegacyKmsEnvelopeAeadParameters;
import com.google.crypto.tink.aead.LegacyKmsEnvelopeAeadParameters.DekParsingStrategy;
import com.google.crypto.tink.aead.LegacyKmsEnvelopeAeadParameters.Variant;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.testing.AeadKeyService;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code Envelope/TINK/NoPadding} with Tink on the other side: its KmsEnvelopeAead over the same key. */
class TinkEnvelopeTest {

    static final String TINK = "Envelope/TINK/NoPadding";
    private static final byte[] AAD = {1, 2, 3};
    private static final byte[] NONE = {};
    private static final int KEY_ID = 0x81020304;

    private final AeadKeyService service = AeadKeyService.create();
    private final KmsSecretKey handle = Ciphers.handle(service, AeadKeyService.KEY);

    static byte[] encrypt(KmsSecretKey key, AlgorithmParameterSpec spec, byte[] plaintext, byte[] aad)
            throws GeneralSecurityException {
        Cipher cipher = Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, key, spec);
        cipher.updateAAD(aad);
        return cipher.doFinal(plaintext);
    }

    static byte[] decrypt(KmsSecretKey key, AlgorithmParameterSpec spec, byte[] message, byte[] aad)
            throws GeneralSecurityException {
        Cipher cipher = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, key, spec);
        cipher.updateAAD(aad);
        return cipher.doFinal(message);
    }

    private Aead tink(AeadParameters parameters) throws GeneralSecurityException {
        return KmsEnvelopeAead.create(parameters, service.aead());
    }

    /** A keyset of Tink whose key has the prefix. */
    private Aead tinkWithPrefix(int keyId) throws GeneralSecurityException {
        String uri = "aead-kms://" + System.identityHashCode(this);
        KmsClients.add(new KmsClient() {
            @Override
            public boolean doesSupport(String keyUri) {
                return keyUri.equals(uri);
            }

            @Override
            public KmsClient withCredentials(String path) {
                return this;
            }

            @Override
            public KmsClient withDefaultCredentials() {
                return this;
            }

            @Override
            public Aead getAead(String keyUri) {
                return service.aead();
            }
        });
        LegacyKmsEnvelopeAeadParameters parameters = LegacyKmsEnvelopeAeadParameters.builder()
                .setKekUri(uri)
                .setVariant(Variant.TINK)
                .setDekParsingStrategy(DekParsingStrategy.ASSUME_AES_GCM)
                .setDekParametersForNewKeys(AesGcmParameters.builder()
                        .setKeySizeBytes(32)
                        .setIvSizeBytes(12)
                        .setTagSizeBytes(16)
                        .setVariant(AesGcmParameters.Variant.NO_PREFIX)
                        .build())
                .build();
        return KeysetHandle.newBuilder()
                .addEntry(KeysetHandle.importKey(LegacyKmsEnvelopeAeadKey.create(parameters, keyId))
                        .withFixedId(keyId)
                        .makePrimary())
                .build()
                .getPrimitive(RegistryConfiguration.get(), Aead.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 4095, 4096, 70_000, 1_500_000})
    @DisplayName("Tink opens ours and we open Tink's, with data keys of 128 and 256 bits")
    void bothDirections(int size) throws Exception {
        byte[] plaintext = Ciphers.random(size);
        for (byte[] aad : List.of(NONE, AAD)) {
            assertThat(tink(PredefinedAeadParameters.AES256_GCM).decrypt(encrypt(handle, null, plaintext, aad), aad))
                    .isEqualTo(plaintext);
            for (AeadParameters parameters :
                    List.of(PredefinedAeadParameters.AES128_GCM, PredefinedAeadParameters.AES256_GCM)) {
                assertThat(decrypt(handle, null, tink(parameters).encrypt(plaintext, aad), aad))
                        .isEqualTo(plaintext);
            }
        }
    }

    @Test
    @DisplayName("The prefix of a keyset: Tink's keyset opens ours and we open its; ours without it, it does not")
    void prefix() throws Exception {
        Aead keyset = tinkWithPrefix(KEY_ID);
        byte[] plaintext = Ciphers.random(100);
        TinkParameterSpec spec = TinkParameterSpec.ofKeyId(KEY_ID);

        byte[] ours = encrypt(handle, spec, plaintext, AAD);
        assertThat(ours).startsWith(1, 0x81, 2, 3, 4, 0, 0);
        assertThat(keyset.decrypt(ours, AAD)).isEqualTo(plaintext);

        byte[] theirs = keyset.encrypt(plaintext, AAD);
        assertThat(theirs).startsWith(1, 0x81, 2, 3, 4, 0, 0);
        assertThat(decrypt(handle, spec, theirs, AAD)).isEqualTo(plaintext);
        assertThat(decrypt(handle, null, theirs, AAD)).as("any prefix will do").isEqualTo(plaintext);

        byte[] raw = encrypt(handle, null, plaintext, AAD);
        assertThat(raw).startsWith(0, 0);
        assertRefused(handle, spec, raw, AAD, "no prefix");
        assertRefused(
                handle, TinkParameterSpec.ofKeyId(7), theirs, AAD, "the prefix of key 2164392708, not that of key 7");
        assertThatThrownBy(() -> keyset.decrypt(raw, AAD)).isInstanceOf(GeneralSecurityException.class);
    }

    static void assertRefused(KmsSecretKey key, AlgorithmParameterSpec spec, byte[] message, byte[] aad, String why) {
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> decrypt(key, spec, message, aad))
                .withMessageContaining(why);
    }

    @Test
    @DisplayName("Random pieces give what one piece gives, in all call forms, both ways")
    void chunkings() throws Exception {
        Random random = new Random(4);
        for (int round = 0; round < 200; round++) {
            byte[] plaintext = Ciphers.random(random.nextInt(round % 10 == 0 ? 200_000 : 300));
            byte[] aad = Ciphers.random(random.nextInt(40));
            Cipher encryptor = Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, handle);
            encryptor.updateAAD(aad);
            byte[] message = inPieces(encryptor, plaintext, random);
            assertThat(tink(PredefinedAeadParameters.AES256_GCM).decrypt(message, aad))
                    .isEqualTo(plaintext);
            Cipher decryptor = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, handle);
            decryptor.updateAAD(aad);
            assertThat(inPieces(decryptor, message, random)).isEqualTo(plaintext);
        }
    }

    static byte[] inPieces(Cipher cipher, byte[] input, Random random) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        while (at < input.length && random.nextInt(10) > 0) {
            int length = random.nextInt(Math.max(1, Math.min(input.length - at, input.length / 3 + 20)) + 1);
            if (length > input.length - at) {
                length = input.length - at;
            }
            switch (random.nextInt(3)) {
                case 0 -> {
                    byte[] piece = cipher.update(input, at, length);
                    out.writeBytes(piece == null ? NONE : piece);
                }
                case 1 -> {
                    byte[] room = new byte[cipher.getOutputSize(length)];
                    out.write(room, 0, cipher.update(input, at, length, room, 0));
                }
                default -> {
                    ByteBuffer room = ByteBuffer.allocateDirect(cipher.getOutputSize(length));
                    cipher.update(ByteBuffer.wrap(input, at, length).asReadOnlyBuffer(), room);
                    byte[] piece = new byte[room.flip().remaining()];
                    room.get(piece);
                    out.writeBytes(piece);
                }
            }
            at += length;
        }
        switch (random.nextInt(3)) {
            case 0 -> out.writeBytes(cipher.doFinal(input, at, input.length - at));
            case 1 -> {
                byte[] room = new byte[cipher.getOutputSize(input.length - at)];
                out.write(room, 0, cipher.doFinal(input, at, input.length - at, room, 0));
            }
            default -> {
                ByteBuffer room = ByteBuffer.allocateDirect(cipher.getOutputSize(input.length - at));
                cipher.doFinal(ByteBuffer.wrap(input, at, input.length - at).asReadOnlyBuffer(), room);
                byte[] piece = new byte[room.flip().remaining()];
                room.get(piece);
                out.writeBytes(piece);
            }
        }
        return out.toByteArray();
    }

    @Test
    void inPlaceAndShortOutput() throws Exception {
        byte[] array = Arrays.copyOf(Ciphers.random(1000), 2000);
        Cipher encryptor = Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, handle);
        byte[] small = new byte[1000];
        assertThatThrownBy(() -> encryptor.doFinal(array, 0, 1000, small, 0)).isInstanceOf(ShortBufferException.class);
        assertThatThrownBy(() -> encryptor.update(array, 0, 1000, small, 0)).isInstanceOf(ShortBufferException.class);
        int length = encryptor.doFinal(array, 0, 1000, array, 0);
        Cipher decryptor = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, handle);
        assertThatThrownBy(() -> decryptor.doFinal(array, 0, length, new byte[999], 0))
                .isInstanceOf(ShortBufferException.class);
        assertThat(decryptor.doFinal(array, 0, length, array, 0)).isEqualTo(1000);
        assertThat(Arrays.copyOf(array, 1000)).isEqualTo(Ciphers.random(1000));
        assertThatThrownBy(() -> encryptor.update(new byte[1])).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> encryptor.doFinal(new byte[1])).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aadComesFirst() throws Exception {
        Cipher encryptor = Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, handle);
        encryptor.update(new byte[1]);
        assertThatThrownBy(() -> encryptor.updateAAD(AAD)).isInstanceOf(IllegalStateException.class);
        Cipher decryptor = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, handle);
        decryptor.update(new byte[1]);
        assertThatThrownBy(() -> decryptor.updateAAD(AAD)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("RULES 10: a data key serves one message, or as many as tink.max-messages says, which is at most 2^26")
    void dataKeys() throws Exception {
        for (int i = 0; i < 4; i++) {
            encrypt(handle, null, AAD, NONE);
        }
        assertThat(service.encrypted).hasValue(4);
        AeadKeyService other = AeadKeyService.create();
        KmsSecretKey reusing = Ciphers.handle(other, "key", "tink.max-messages", "5");
        byte[][] messages = new byte[10][];
        for (int i = 0; i < messages.length; i++) {
            messages[i] = encrypt(reusing, null, AAD, NONE);
        }
        assertThat(other.encrypted.get()).isBetween(2, 3); // one may have been fetched ahead
        assertThat(Stream.of(messages).map(m -> Arrays.toString(Arrays.copyOfRange(m, m.length - 31, m.length - 19))))
                .as("IVs")
                .doesNotHaveDuplicates();
        for (byte[] message : messages) {
            assertThat(KmsEnvelopeAead.create(PredefinedAeadParameters.AES256_GCM, other.aead())
                            .decrypt(message, NONE))
                    .isEqualTo(AAD);
            assertThat(decrypt(reusing, null, message, NONE)).isEqualTo(AAD);
            assertThat(decrypt(reusing, null, message, NONE)).isEqualTo(AAD);
        }
        assertThat(other.decrypted.get()).as("cached").isLessThanOrEqualTo(other.encrypted.get());
        for (String wrong : new String[] {"0", "67108865", "many"}) {
            assertThatThrownBy(
                            () -> KeyPolicy.of(Configuration.of(Map.of("tink.max-messages", wrong)), KeyId.of("key")))
                    .isInstanceOf(KmsConfigurationException.class)
                    .hasMessageContaining("tink.max-messages");
        }
        KmsSecretKey uncached = Ciphers.uncachedHandle(other, "key", "tink.max-messages", "5");
        int before = other.encrypted.get();
        encrypt(uncached, null, AAD, NONE);
        encrypt(uncached, null, AAD, NONE);
        assertThat(other.encrypted).hasValue(before + 2);
    }

    @Test
    @DisplayName("RULES 13: the data keys of an AWS Encryption SDK message and of Tink's are never mixed up")
    void usesAreApart() throws Exception {
        InMemoryKeyService memory = new InMemoryKeyService().withKey("one");
        KmsSecretKey key = Ciphers.handle(memory, "one", "tink.max-messages", "1000");
        byte[] tink = encrypt(key, null, AAD, NONE);
        byte[] esdk = Ciphers.encrypt(key, AAD);
        assertThat(decrypt(key, null, tink, NONE)).isEqualTo(AAD);
        assertThat(Ciphers.decrypt(key, esdk)).isEqualTo(AAD);
        assertThat(memory.generated).hasValue(1);

        byte[] blob = memory.toBlob(memory.generateDataKey(KeyId.of("one"), 32, EncryptionContext.empty())
                .encrypted());
        byte[] forged = Arrays.copyOf(new byte[0], 4 + blob.length + 28);
        forged[2] = (byte) (blob.length >> 8);
        forged[3] = (byte) blob.length;
        System.arraycopy(blob, 0, forged, 4, blob.length);
        assertRefused(key, null, forged, NONE, "was changed");
    }

    @Test
    void oneHandleServesManyThreads() throws Exception {
        KmsSecretKey reusing = Ciphers.handle(service, "key", "tink.max-messages", "50");
        List<Integer> done = Crowd.each(8, number -> () -> {
            int opened = 0;
            for (int i = 0; i < 40; i++) {
                byte[] plaintext = Ciphers.random(1000 * number + i);
                byte[] message = encrypt(reusing, null, plaintext, AAD);
                opened += Arrays.equals(decrypt(reusing, null, message, AAD), plaintext) ? 1 : 0;
            }
            return opened;
        });
        assertThat(done).containsOnly(40);
    }

    @Test
    void channels() throws Exception {
        byte[] plaintext = Ciphers.random(3_000_000);
        EnvelopeChannels ours = EnvelopeChannels.of(handle)
                .with(TinkParameterSpec.ofKeyId(KEY_ID))
                .withAad(AAD);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        EnvelopeChannels.Result written = ours.encrypt(new ByteArrayInputStream(plaintext), message);
        assertThat(written.messageLength()).isEqualTo(message.size());
        assertThat(tinkWithPrefix(KEY_ID).decrypt(message.toByteArray(), AAD)).isEqualTo(plaintext);
        ByteArrayOutputStream back = new ByteArrayOutputStream();
        EnvelopeChannels.Result read = ours.decrypt(new ByteArrayInputStream(message.toByteArray()), back);
        assertThat(back.toByteArray()).isEqualTo(plaintext);
        assertThat(read.context()).isEqualTo(EncryptionContext.empty());
        ByteArrayOutputStream nothing = new ByteArrayOutputStream();
        byte[] changed = Ciphers.flipped(message.toByteArray(), message.size() - 1);
        assertThatThrownBy(() -> ours.decrypt(new ByteArrayInputStream(changed), nothing))
                .isInstanceOf(AEADBadTagException.class);
        assertThat(nothing.size()).isZero();
    }

    @Test
    @DisplayName("A handle that may only encrypt writes, one that may only decrypt reads")
    void usages() throws Exception {
        KmsSecretKey writer = Ciphers.handle(service, "key", "key.key.usage", "encrypt");
        KmsSecretKey reader = Ciphers.handle(service, "key", "key.key.usage", "decrypt");
        byte[] message = encrypt(writer, null, AAD, NONE);
        assertThat(decrypt(reader, null, message, NONE)).isEqualTo(AAD);
        assertThatThrownBy(() -> encrypt(reader, null, AAD, NONE)).isInstanceOf(GeneralSecurityException.class);
        assertThatThrownBy(() -> decrypt(writer, null, message, NONE)).isInstanceOf(GeneralSecurityException.class);
    }
}
