package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.StoredKeys;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import java.util.List;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import javax.crypto.CipherOutputStream;
import javax.crypto.SealedObject;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With the provider last in the list and never named: what one side seals under a stored key, the other opens. */
class StoredKeyInteroperationTest {

    private final StoredKeys keys = new StoredKeys();

    @BeforeEach
    void putTheProvider() {
        Security.addProvider(new KmsEnvelopeProvider());
    }

    @AfterEach
    void removeTheProvider() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
        keys.close();
    }

    static Stream<Arguments> pairs() {
        List<Provider> others = List.of(Security.getProvider("SunJCE"), new BouncyCastleProvider());
        return others.stream()
                .flatMap(other -> Stream.of(DataKeyUsage.AES_GCM, DataKeyUsage.AES_CBC, DataKeyUsage.AES_CTR)
                        .flatMap(usage -> Stream.of(16, 24, 32).map(length -> Arguments.of(other, usage, length))));
    }

    private static AlgorithmParameterSpec parameters(DataKeyUsage usage, byte[] iv) {
        return usage == DataKeyUsage.AES_GCM ? new GCMParameterSpec(128, iv) : new IvParameterSpec(iv);
    }

    @ParameterizedTest
    @DisplayName("GCM, CBC and CTR with SunJCE and BouncyCastle, both ways, of many lengths, with a generated IV")
    @MethodSource("pairs")
    void messages(Provider other, DataKeyUsage usage, int length) throws Exception {
        byte[] key = Ciphers.random(length);
        KmsStoredKey handle = keys.handle(usage, key);
        Key raw = new SecretKeySpec(key, "AES");
        String name = usage.transformation();
        for (int size : new int[] {0, 1, 15, 16, 17, 100, 5000, 100_000}) {
            byte[] plaintext = Ciphers.random(size);
            Cipher ours = Cipher.getInstance(name);
            ours.init(Cipher.ENCRYPT_MODE, handle);
            assertThat(ours.getProvider().getName()).isEqualTo(KmsEnvelopeProvider.NAME);
            Cipher theirs = Cipher.getInstance(name, other);
            theirs.init(Cipher.DECRYPT_MODE, raw, parameters(usage, ours.getIV()));
            if (usage == DataKeyUsage.AES_GCM) {
                assertThat(ours.getIV()).hasSize(12);
                ours.updateAAD(Ciphers.random(33));
                theirs.updateAAD(Ciphers.random(33));
            } else {
                assertThat(ours.getIV()).hasSize(16);
            }
            assertThat(theirs.doFinal(ours.doFinal(plaintext))).isEqualTo(plaintext);

            theirs.init(Cipher.ENCRYPT_MODE, raw);
            byte[] sealed = theirs.doFinal(plaintext);
            Cipher back = Cipher.getInstance(name);
            back.init(Cipher.DECRYPT_MODE, handle, parameters(usage, theirs.getIV()));
            assertThat(back.doFinal(sealed)).isEqualTo(plaintext);
        }
    }

    @ParameterizedTest
    @DisplayName("Key wrap with SunJCE and BouncyCastle, both ways")
    @ValueSource(strings = {"AES/KW/NoPadding", "AESWrap", "AES/KWP/NoPadding"})
    void keyWrap(String name) throws Exception {
        byte[] key = Ciphers.random(32);
        boolean pads = name.contains("KWP");
        KmsStoredKey handle = keys.handle(pads ? DataKeyUsage.AES_KWP : DataKeyUsage.AES_KW, key);
        Key raw = new SecretKeySpec(key, "AES");
        PrivateKey rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate();
        for (boolean bouncyCastle : new boolean[] {false, true}) {
            Cipher theirs = bouncyCastle
                    ? Cipher.getInstance(pads ? "AESKWP" : "AESKW", new BouncyCastleProvider())
                    : Cipher.getInstance(name, "SunJCE");
            Cipher ours = Cipher.getInstance(name);
            for (Key wrapped : pads
                    ? List.of(new SecretKeySpec(Ciphers.random(5), "AES"), rsa)
                    : List.of(
                            new SecretKeySpec(Ciphers.random(16), "AES"), new SecretKeySpec(Ciphers.random(64), "x"))) {
                int type = wrapped instanceof PrivateKey ? Cipher.PRIVATE_KEY : Cipher.SECRET_KEY;
                ours.init(Cipher.WRAP_MODE, handle);
                theirs.init(Cipher.UNWRAP_MODE, raw);
                assertThat(theirs.unwrap(ours.wrap(wrapped), wrapped.getAlgorithm(), type))
                        .isEqualTo(wrapped);
                theirs.init(Cipher.WRAP_MODE, raw);
                ours.init(Cipher.UNWRAP_MODE, handle);
                assertThat(ours.unwrap(theirs.wrap(wrapped), wrapped.getAlgorithm(), type))
                        .isEqualTo(wrapped);
            }
        }
    }

    @Test
    @DisplayName("SealedObject, by the key alone; another key or a stored key with another usage does not open it")
    void sealedObject() throws Exception {
        KmsStoredKey handle = keys.handle(DataKeyUsage.AES_GCM, Ciphers.random(32));
        Cipher cipher = Cipher.getInstance(Ciphers.GCM);
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        SealedObject sealed = new SealedObject("a secret", cipher);
        assertThat(sealed.getObject(handle)).isEqualTo("a secret");
        assertThat(sealed.getObject(handle, KmsEnvelopeProvider.NAME)).isEqualTo("a secret");
        assertThat(sealed.getObject(new SecretKeySpec(Ciphers.random(32), "AES")))
                .isEqualTo("a secret");
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> sealed.getObject(keys.handle(DataKeyUsage.AES_GCM, Ciphers.random(16))));
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> sealed.getObject(keys.handle(DataKeyUsage.AES_CBC, Ciphers.random(32))));
    }

    @ParameterizedTest
    @DisplayName("Streams: what CipherOutputStream writes, SunJCE opens, and CipherInputStream reads")
    @ValueSource(ints = {0, 1, 511, 512, 513, 70_000})
    void streams(int size) throws Exception {
        byte[] key = Ciphers.random(16);
        KmsStoredKey handle = keys.handle(DataKeyUsage.AES_GCM, key);
        byte[] plaintext = Ciphers.random(size);
        Cipher encrypting = Cipher.getInstance(Ciphers.GCM);
        encrypting.init(Cipher.ENCRYPT_MODE, handle);
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (OutputStream out = new CipherOutputStream(sealed, encrypting)) {
            out.write(plaintext);
        }
        assertThat(sealed.size()).isEqualTo(size + 16);
        Cipher theirs = Cipher.getInstance(Ciphers.GCM, "SunJCE");
        theirs.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), encrypting.getParameters());
        assertThat(theirs.doFinal(sealed.toByteArray())).isEqualTo(plaintext);
        Cipher decrypting = Cipher.getInstance(Ciphers.GCM);
        decrypting.init(Cipher.DECRYPT_MODE, handle, encrypting.getParameters());
        try (CipherInputStream in = new CipherInputStream(new ByteArrayInputStream(sealed.toByteArray()), decrypting)) {
            assertThat(in.readAllBytes()).isEqualTo(plaintext);
        }
        byte[] changed = Ciphers.flipped(sealed.toByteArray(), sealed.size() - 1);
        decrypting.init(Cipher.DECRYPT_MODE, handle, encrypting.getParameters());
        try (CipherInputStream in = new CipherInputStream(new ByteArrayInputStream(changed), decrypting)) {
            assertThatExceptionOfType(java.io.IOException.class)
                    .isThrownBy(in::readAllBytes)
                    .withCauseInstanceOf(AEADBadTagException.class);
        }
    }
}
