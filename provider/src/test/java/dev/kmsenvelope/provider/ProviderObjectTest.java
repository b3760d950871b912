package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.testing.Ciphers;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.ServiceLoader;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.NoSuchPaddingException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The provider as an object: what it lists and how it is configured. */
class ProviderObjectTest {

    private static final Set<String> KEYED = Set.of("Cipher", "Signature", "Mac", "KeyAgreement");

    private final Provider provider = new KmsEnvelopeProvider();

    @Test
    @DisplayName("It lists what its documentation says, and nothing that would catch what others use")
    void services() {
        assertThat(provider.getServices())
                .extracting(service -> service.getType() + "." + service.getAlgorithm())
                .containsExactlyInAnyOrder(
                        "Signature.SHA256withRSA",
                        "Signature.SHA384withRSA",
                        "Signature.SHA512withRSA",
                        "Signature.RSASSA-PSS",
                        "Signature.SHA256withRSAandMGF1",
                        "Signature.SHA384withRSAandMGF1",
                        "Signature.SHA512withRSAandMGF1",
                        "Signature.SHA256withECDSA",
                        "Signature.SHA384withECDSA",
                        "Signature.SHA512withECDSA",
                        "Signature.Ed25519",
                        "Signature.EdDSA",
                        "Signature.ML-DSA",
                        "Signature.ML-DSA-44",
                        "Signature.ML-DSA-65",
                        "Signature.ML-DSA-87",
                        "Mac.HmacSHA224",
                        "Mac.HmacSHA256",
                        "Mac.HmacSHA384",
                        "Mac.HmacSHA512",
                        "KeyAgreement.ECDH",
                        "KeyGenerator.KmsDataKey",
                        "KeyPairGenerator.KmsDataKeyPair",
                        "Cipher.RSA/ECB/OAEPWithSHA-1AndMGF1Padding",
                        "Cipher.RSA/ECB/OAEPWithSHA1AndMGF1Padding",
                        "Cipher.RSA/ECB/OAEPWithSHA-256AndMGF1Padding",
                        "Cipher.RSA/ECB/OAEPPadding",
                        "Cipher.AES/GCM/NoPadding",
                        "Cipher.AES_256/GCM/NoPadding",
                        "Cipher.AES_128/GCM/NoPadding",
                        "Cipher.AES_192/GCM/NoPadding",
                        "Cipher.AES/CBC/PKCS5Padding",
                        "Cipher.AES/CTR/NoPadding",
                        "Cipher.AES/KW/NoPadding",
                        "Cipher.AES/KWP/NoPadding",
                        "Cipher.Envelope",
                        "Cipher.Envelope/DUAL/NoPadding",
                        "Cipher.Envelope/ESDK/NoPadding",
                        "Cipher.Envelope/TINK/NoPadding",
                        "Cipher.Envelope/S3EC/NoPadding",
                        "Cipher.AESWrap",
                        "AlgorithmParameters.GCM",
                        "AlgorithmParameters.S3EC",
                        "KeyStore.KMS");
        assertThat(provider.getName()).isEqualTo("KmsEnvelope");
        assertThat(provider.getVersionStr()).isNotBlank();
        assertThat(provider.getInfo()).isNotBlank();
        assertThat(provider.isConfigured()).isTrue();
    }

    @Test
    @DisplayName("Every name in SupportedKeyClasses is a class that exists: JCA ignores a misspelt one")
    void supportedKeyClasses() throws Exception {
        for (Provider.Service service : provider.getServices()) {
            assertThat(Class.forName(service.getClassName(), false, KmsEnvelopeProvider.class.getClassLoader()))
                    .hasPackage(service.getType().equals("KeyStore") ? "java.security" : "dev.kmsenvelope.provider");
            assertThat(service.getAttribute("SupportedKeyFormats")).isNull();
            String classes = service.getAttribute("SupportedKeyClasses");
            if (!KEYED.contains(service.getType())) {
                assertThat(classes).isNull();
                continue;
            }
            for (String name : classes.split("\\|", -1)) {
                boolean verifies = service.getAlgorithm().endsWith("withRSAandMGF1")
                        && name.equals("java.security.interfaces.RSAPublicKey");
                assertThat(Class.forName(name))
                        .isAssignableTo(java.security.Key.class)
                        .hasPackage(verifies ? "java.security.interfaces" : "dev.kmsenvelope.provider");
            }
            assertThat(service.newInstance(null).getClass().getName()).isEqualTo(service.getClassName());
        }
    }

    @Test
    @DisplayName("ServiceLoader finds it, as java.security does by its name")
    void serviceLoader() {
        assertThat(ServiceLoader.load(Provider.class).stream().map(ServiceLoader.Provider::type))
                .contains(KmsEnvelopeProvider.class);
    }

    @ParameterizedTest
    @DisplayName("configure never throws: a provider that does would vanish, or break the list of providers")
    @ValueSource(strings = {"/does/not/exist", "", " ", "\0", "a:b", "/"})
    void configure(String argument) {
        assertThatCode(() -> {
                    Provider configured = provider.configure(argument);
                    assertThat(configured.getName()).isEqualTo("KmsEnvelope");
                    assertThat(configured.getServices()).hasSameSizeAs(provider.getServices());
                })
                .doesNotThrowAnyException();
    }

    @Test
    @DisplayName("Without the module that has it, KeyStore.KMS says which one that is")
    void keyStore() {
        assertThatExceptionOfType(KeyStoreException.class)
                .isThrownBy(() -> KeyStore.getInstance("KMS", provider))
                .havingCause()
                .isInstanceOf(NoSuchAlgorithmException.class)
                .withMessageContaining("kms-envelope-keystore-kms");
    }

    @ParameterizedTest
    @DisplayName("Names that are not listed are not offered under this provider")
    @ValueSource(
            strings = {
                "AES",
                "AES/CBC/NoPadding",
                "AES/ECB/NoPadding",
                "AES_512/GCM/NoPadding",
                "AES_128/CBC/NoPadding",
                "Envelope/CBC/NoPadding",
                "Envelope/ESDK/PKCS5Padding",
                "AESWrap/CBC/NoPadding",
                "AES/KW/PKCS5Padding",
                "RSA"
            })
    void otherNames(String transformation) {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> Cipher.getInstance(transformation, provider)))
                .isInstanceOfAny(NoSuchAlgorithmException.class, NoSuchPaddingException.class);
    }

    @Test
    @DisplayName("Names are found in any case, as with other providers")
    void caseOfNames() throws Exception {
        assertThat(Ciphers.ours("aes/gcm/nopadding").getBlockSize()).isEqualTo(16);
        assertThat(Ciphers.ours("ENVELOPE").getBlockSize()).isEqualTo(16);
        assertThat(Ciphers.ours("aeswrap").getBlockSize())
                .isEqualTo(Cipher.getInstance("AESWrap", "SunJCE").getBlockSize());
    }
}
