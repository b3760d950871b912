package dev.kmsenvelope.testing.kms;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import java.util.List;

/** Which algorithms of the service go with which kind of key, and the names that it has for them. */
final class Algorithms {

    private Algorithms() {}

    /** The service's EncryptionAlgorithmSpec. */
    enum Encryption {
        SYMMETRIC_DEFAULT,
        RSAES_OAEP_SHA_1,
        RSAES_OAEP_SHA_256,
        SM2PKE
    }

    /** The service's SigningAlgorithmSpec, with the number of bits of its hash. */
    enum Signing {
        RSASSA_PSS_SHA_256(256),
        RSASSA_PSS_SHA_384(384),
        RSASSA_PSS_SHA_512(512),
        RSASSA_PKCS1_V1_5_SHA_256(256),
        RSASSA_PKCS1_V1_5_SHA_384(384),
        RSASSA_PKCS1_V1_5_SHA_512(512),
        ECDSA_SHA_256(256),
        ECDSA_SHA_384(384),
        ECDSA_SHA_512(512),
        SM2DSA(256),
        ML_DSA_SHAKE_256(512),
        ED25519_SHA_512(512),
        ED25519_PH_SHA_512(512);

        final int hashBits;

        Signing(int hashBits) {
            this.hashBits = hashBits;
        }

        boolean isRsa() {
            return name().startsWith("RSASSA_");
        }

        boolean isPss() {
            return name().startsWith("RSASSA_PSS_");
        }
    }

    /** The service's MessageType. */
    enum MessageType {
        RAW,
        DIGEST,
        EXTERNAL_MU
    }

    /** The service's MacAlgorithmSpec. */
    enum Mac {
        HMAC_SHA_224,
        HMAC_SHA_256,
        HMAC_SHA_384,
        HMAC_SHA_512
    }

    /** The service's KeyAgreementAlgorithmSpec. */
    enum Agreement {
        ECDH
    }

    static List<Encryption> encryption(KeySpec spec) {
        if (spec == KeySpec.SYMMETRIC_DEFAULT) {
            return List.of(Encryption.SYMMETRIC_DEFAULT);
        }
        return spec.isRsa() ? List.of(Encryption.RSAES_OAEP_SHA_1, Encryption.RSAES_OAEP_SHA_256) : List.of();
    }

    static List<Signing> signing(KeySpec spec) {
        return switch (spec) {
            case RSA_2048, RSA_3072, RSA_4096 ->
                List.of(
                        Signing.RSASSA_PKCS1_V1_5_SHA_256,
                        Signing.RSASSA_PKCS1_V1_5_SHA_384,
                        Signing.RSASSA_PKCS1_V1_5_SHA_512,
                        Signing.RSASSA_PSS_SHA_256,
                        Signing.RSASSA_PSS_SHA_384,
                        Signing.RSASSA_PSS_SHA_512);
            case ECC_NIST_P256, ECC_SECG_P256K1 -> List.of(Signing.ECDSA_SHA_256);
            case ECC_NIST_P384 -> List.of(Signing.ECDSA_SHA_384);
            case ECC_NIST_P521 -> List.of(Signing.ECDSA_SHA_512);
            case ECC_NIST_EDWARDS25519 -> List.of(Signing.ED25519_SHA_512, Signing.ED25519_PH_SHA_512);
            case ML_DSA_44, ML_DSA_65, ML_DSA_87 -> List.of(Signing.ML_DSA_SHAKE_256);
            default -> List.of();
        };
    }

    static List<Mac> mac(KeySpec spec) {
        return switch (spec) {
            case HMAC_224 -> List.of(Mac.HMAC_SHA_224);
            case HMAC_256 -> List.of(Mac.HMAC_SHA_256);
            case HMAC_384 -> List.of(Mac.HMAC_SHA_384);
            case HMAC_512 -> List.of(Mac.HMAC_SHA_512);
            default -> List.of();
        };
    }

    /** Adds the list that the description of a key has for its usage. */
    static void addTo(JsonObject json, KeyMaterial material) {
        switch (material.usage) {
            case ENCRYPT_DECRYPT -> json.add("EncryptionAlgorithms", names(encryption(material.spec)));
            case SIGN_VERIFY -> json.add("SigningAlgorithms", names(signing(material.spec)));
            case GENERATE_VERIFY_MAC -> json.add("MacAlgorithms", names(mac(material.spec)));
            case KEY_AGREEMENT -> json.add("KeyAgreementAlgorithms", names(List.of(Agreement.ECDH)));
            default -> throw new IllegalArgumentException("no key is for " + KeyUsage.OTHER);
        }
    }

    private static JsonArray names(List<? extends Enum<?>> algorithms) {
        JsonArray names = new JsonArray();
        algorithms.forEach(algorithm -> names.add(algorithm.name()));
        return names;
    }
}
