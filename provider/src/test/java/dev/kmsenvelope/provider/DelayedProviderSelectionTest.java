package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.security.AlgorithmParameters;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.Security;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The key decides which provider does the work, when no provider is named. */
class DelayedProviderSelectionTest {

    private static final SecretKeySpec RAW = new SecretKeySpec(Ciphers.random(32), "AES");

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("master");
    private final KmsSecretKey handle = Ciphers.uncachedHandle(service, "master");

    @AfterEach
    void removeTheProvider() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
    }

    private static void last() {
        Security.addProvider(new KmsEnvelopeProvider());
    }

    private static void first() {
        Security.insertProviderAt(new KmsEnvelopeProvider(), 1);
    }

    @ParameterizedTest
    @DisplayName("Behind the others in the list, the provider gets the cipher when the key is a handle")
    @CsvSource({"AES/GCM/NoPadding, 1", "AES_256/GCM/NoPadding, 1", "AESWrap, 3"})
    void handlesReachUs(String transformation, int mode) throws Exception {
        last();
        Cipher cipher = Cipher.getInstance(transformation);
        cipher.init(mode, handle);

        assertThat(cipher.getProvider().getName()).isEqualTo(KmsEnvelopeProvider.NAME);
        assertThat(cipher.getAlgorithm()).isEqualTo(transformation);
    }

    @ParameterizedTest
    @DisplayName("Behind the others in the list, the provider never sees a raw key")
    @CsvSource({
        "AES/GCM/NoPadding, 1",
        "AES_256/GCM/NoPadding, 1",
        "AESWrap, 3",
        "AES, 1",
        "AES/CBC/PKCS5Padding, 1",
        "AES/CTR/NoPadding, 1",
        "AES/KW/NoPadding, 3"
    })
    void rawKeysDoNot(String transformation, int mode) throws Exception {
        last();
        Cipher cipher = Cipher.getInstance(transformation);
        cipher.init(mode, RAW);

        assertThat(cipher.getProvider().getName()).isEqualTo("SunJCE");
    }

    @ParameterizedTest
    @DisplayName("At either end of the list, other transformations are never ours")
    @ValueSource(
            strings = {
                "AES",
                "AES/CBC/NoPadding",
                "AES/ECB/PKCS5Padding",
                "AES/CFB/NoPadding",
                "AES_128/CBC/NoPadding",
                "AES_256/KW/NoPadding"
            })
    void othersAreNotOurs(String transformation) throws Exception {
        for (boolean atTheFront : new boolean[] {true, false}) {
            removeTheProvider();
            if (atTheFront) {
                first();
            } else {
                last();
            }
            assertThat(Cipher.getInstance(transformation).getProvider().getName())
                    .isEqualTo("SunJCE");
            Cipher cipher = Cipher.getInstance(transformation);
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, handle));
        }
    }

    @ParameterizedTest
    @DisplayName("A message written by an unnamed cipher is opened by an unnamed cipher")
    @ValueSource(strings = {"AES/GCM/NoPadding", "AES_256/GCM/NoPadding", "Envelope", "Envelope/ESDK/NoPadding"})
    void roundTrip(String transformation) throws Exception {
        last();
        byte[] plaintext = Ciphers.random(1000);
        Cipher encrypting = Cipher.getInstance(transformation);
        encrypting.init(Cipher.ENCRYPT_MODE, handle);
        Cipher decrypting = Cipher.getInstance(transformation);
        decrypting.init(Cipher.DECRYPT_MODE, handle);

        assertThat(decrypting.doFinal(encrypting.doFinal(plaintext))).isEqualTo(plaintext);
    }

    @Test
    @DisplayName("RULES 19: a failure of the service at init is thrown as it is; JCA then wants another cipher object")
    void failureOfTheServiceIsNotReplaced() throws Exception {
        last();
        service.failWith(() -> new KmsThrottledException("slow down"));
        Cipher cipher = Cipher.getInstance(Ciphers.GCM);
        assertThatExceptionOfType(KmsThrottledException.class)
                .isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, handle));
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> cipher.doFinal(new byte[1]));

        service.failWith(() -> null);
        // javax.crypto.Cipher has used up its list of providers; a cipher of a named provider has not
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, handle))
                .withMessageContaining("No installed provider supports this key");
        Cipher another = Cipher.getInstance(Ciphers.GCM);
        another.init(Cipher.ENCRYPT_MODE, handle);

        assertThat(Ciphers.decrypt(handle, another.doFinal(new byte[1]))).hasSize(1);
    }

    @Test
    @DisplayName("RULES 19: a cipher that was initialized once survives a failure of the service at a later init")
    void laterFailureOfTheService() throws Exception {
        last();
        Cipher cipher = Cipher.getInstance(Ciphers.GCM);
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        service.failWith(() -> new KmsThrottledException("slow down"));
        assertThatExceptionOfType(KmsThrottledException.class)
                .isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, handle));
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> cipher.doFinal(new byte[1]));
        service.failWith(() -> null);
        cipher.init(Cipher.ENCRYPT_MODE, handle);

        assertThat(Ciphers.decrypt(handle, cipher.doFinal(new byte[1]))).hasSize(1);
    }

    @Test
    @DisplayName(
            "Behind the others, getBlockSize before init pins SunJCE, which refuses the handle with InvalidKeyException")
    void pinningToTheFirst() throws Exception {
        last();
        Cipher cipher = Cipher.getInstance(Ciphers.GCM);
        assertThat(cipher.getBlockSize()).isEqualTo(16);

        assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, handle));
    }

    @ParameterizedTest
    @DisplayName("At the front, a cipher that was pinned before init takes both kinds of key")
    @ValueSource(strings = {"getBlockSize", "getProvider", "getIV", "getParameters"})
    void pinnedToUs(String call) throws Exception {
        first();
        for (Key key : new Key[] {RAW, handle}) {
            Cipher cipher = Cipher.getInstance(Ciphers.GCM);
            Cipher.class.getMethod(call).invoke(cipher);
            assertThat(cipher.getProvider().getName()).isEqualTo(KmsEnvelopeProvider.NAME);
            cipher.init(Cipher.ENCRYPT_MODE, key);
            byte[] sealed = cipher.doFinal(new byte[] {1, 2, 3});
            Cipher back = Cipher.getInstance(Ciphers.GCM);
            back.init(Cipher.DECRYPT_MODE, key, cipher.getParameters());

            assertThat(back.doFinal(sealed)).containsExactly(1, 2, 3);
        }
    }

    @Test
    @DisplayName("At the front, a raw key goes to SunJCE at once when nothing pinned the cipher")
    void rawKeysPassByEvenAtTheFront() throws Exception {
        first();
        for (String transformation : new String[] {Ciphers.GCM, "AES_256/GCM/NoPadding"}) {
            Cipher cipher = Cipher.getInstance(transformation);
            cipher.init(Cipher.ENCRYPT_MODE, RAW);
            assertThat(cipher.getProvider().getName()).isEqualTo("SunJCE");
        }
    }

    @Test
    @DisplayName("At the front, key generators, random numbers, key stores and PBKDF2 are still those of the JDK")
    void nothingElseIsHijacked() throws Exception {
        String keyStoreType = KeyStore.getDefaultType();
        first();
        assertThat(KeyGenerator.getInstance("AES").getProvider().getName()).isEqualTo("SunJCE");
        assertThat(new SecureRandom().getProvider().getName()).isNotEqualTo(KmsEnvelopeProvider.NAME);
        assertThat(SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                        .getProvider()
                        .getName())
                .isEqualTo("SunJCE");
        assertThat(KeyStore.getDefaultType()).isEqualTo(keyStoreType);
        assertThat(KeyStore.getInstance(keyStoreType).getProvider().getName()).isEqualTo("SUN");
        KeyStore pkcs12 = KeyStore.getInstance("PKCS12");
        pkcs12.load(null, null);
        pkcs12.setEntry("a", new KeyStore.SecretKeyEntry(RAW), new KeyStore.PasswordProtection("secret".toCharArray()));
        pkcs12.store(new java.io.ByteArrayOutputStream(), "secret".toCharArray());
    }

    @Test
    @DisplayName("At the front, AlgorithmParameters.GCM is ours and behaves as the JDK's")
    void gcmParametersAtTheFront() throws Exception {
        AlgorithmParameters theirs = AlgorithmParameters.getInstance("GCM", "SunJCE");
        theirs.init(new javax.crypto.spec.GCMParameterSpec(96, new byte[12]));
        first();
        AlgorithmParameters ours = AlgorithmParameters.getInstance("GCM");
        ours.init(new javax.crypto.spec.GCMParameterSpec(96, new byte[12]));

        assertThat(ours.getProvider().getName()).isEqualTo(KmsEnvelopeProvider.NAME);
        assertThat(ours.getEncoded()).isEqualTo(theirs.getEncoded());
        assertThat(ours.getEncoded("ASN.1")).isEqualTo(theirs.getEncoded("ASN.1"));
        assertThat(ours.toString()).isEqualTo(theirs.toString());
    }

    @Test
    @DisplayName("At the front, decryption inside of us does not come back to us")
    void noRecursion() throws Exception {
        first();
        byte[] plaintext = Ciphers.random(200_000);
        assertThat(Ciphers.decrypt(handle, Ciphers.encrypt(handle, plaintext))).isEqualTo(plaintext);
        assertThat(GcmParameters.of(new byte[12]).getProvider().getName()).isEqualTo("SunJCE");
    }
}
