package dev.kmsenvelope.testing.kms;

import com.google.gson.JsonObject;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.testing.kms.Algorithms.Encryption;
import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.Map;
import java.util.function.Function;

/** Encrypting and decrypting, inside the service too. */
final class EncryptionCommands {

    private static final int MAX_PLAINTEXT = 4096;
    private static final int MAX_CIPHERTEXT = 6144;

    private final ServerState state;

    EncryptionCommands(ServerState state) {
        this.state = state;
    }

    Map<String, Function<Call, JsonObject>> all() {
        return Map.of("Encrypt", this::encrypt, "Decrypt", this::decrypt, "ReEncrypt", this::reEncrypt);
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** What a decryption found; without a plaintext if it was only to be authorized. */
    private record Opened(ServerKey key, byte[] plaintext, String materialId) {}

    private JsonObject encrypt(Call call) {
        byte[] plaintext = call.bytes("Plaintext", MAX_PLAINTEXT);
        Encryption algorithm = algorithm(call, "EncryptionAlgorithm");
        ServerKey key = state.usable(call);
        requireAlgorithm(call, key, algorithm);
        byte[] blob = seal(key, algorithm, plaintext, call.context("EncryptionContext"));
        call.endDryRun();
        JsonObject answer = new JsonObject();
        answer.addProperty("CiphertextBlob", base64(blob));
        answer.addProperty("KeyId", key.arn());
        answer.addProperty("EncryptionAlgorithm", algorithm.name());
        return answer;
    }

    private JsonObject decrypt(Call call) {
        Encryption algorithm = algorithm(call, "EncryptionAlgorithm");
        Opened opened = open(call, "KeyId", "Decrypt", algorithm, "EncryptionContext");
        call.endDryRun();
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", opened.key().arn());
        answer.addProperty("Plaintext", base64(opened.plaintext()));
        answer.addProperty("EncryptionAlgorithm", algorithm.name());
        if (opened.materialId() != null) {
            answer.addProperty("KeyMaterialId", opened.materialId());
        }
        return answer;
    }

    private JsonObject reEncrypt(Call call) {
        Encryption from = algorithm(call, "SourceEncryptionAlgorithm");
        Encryption to = algorithm(call, "DestinationEncryptionAlgorithm");
        Opened opened = open(call, "SourceKeyId", "ReEncryptFrom", from, "SourceEncryptionContext");
        ServerKey key = state.authorized(call, "DestinationKeyId", "ReEncryptTo", true);
        key.requireEnabled();
        requireAlgorithm(call, key, to);
        if (opened.plaintext() == null) {
            call.endDryRun();
        }
        byte[] blob = seal(key, to, opened.plaintext(), call.context("DestinationEncryptionContext"));
        call.endDryRun();
        JsonObject answer = new JsonObject();
        answer.addProperty("CiphertextBlob", base64(blob));
        answer.addProperty("SourceKeyId", opened.key().arn());
        answer.addProperty("KeyId", key.arn());
        answer.addProperty("SourceEncryptionAlgorithm", from.name());
        answer.addProperty("DestinationEncryptionAlgorithm", to.name());
        if (opened.materialId() != null) {
            answer.addProperty("SourceKeyMaterialId", opened.materialId());
        }
        if (key.material.isSymmetricEncryption()) {
            answer.addProperty(
                    "DestinationKeyMaterialId", key.material.current().id());
        }
        return answer;
    }

    private static Encryption algorithm(Call call, String member) {
        return call.optionalChoice(member, Encryption.class).orElse(Encryption.SYMMETRIC_DEFAULT);
    }

    private static void requireAlgorithm(Call call, ServerKey key, Encryption algorithm) {
        KeyMaterial material = key.material;
        if (material.usage != KeyUsage.ENCRYPT_DECRYPT
                || !Algorithms.encryption(material.spec).contains(algorithm)) {
            throw KmsError.invalidUsage(key, call.operation());
        }
    }

    private static void refuseContext(Map<String, String> context) {
        if (!context.isEmpty()) {
            throw KmsError.validation("Asymmetric keys do not support an encryption context.");
        }
    }

    static byte[] seal(ServerKey key, Encryption algorithm, byte[] plaintext, Map<String, String> context) {
        if (algorithm == Encryption.SYMMETRIC_DEFAULT) {
            return CiphertextBlob.seal(key.material, plaintext, context);
        }
        refuseContext(context);
        int modulus = modulusLength(key.material.spec);
        int max = modulus - (algorithm == Encryption.RSAES_OAEP_SHA_1 ? 42 : 66);
        if (plaintext.length > max) {
            throw KmsError.validation(
                    "With " + key.material.spec + " and " + algorithm + " at most " + max + " bytes can be encrypted.");
        }
        return Crypto.always(() -> Crypto.encryptRsa(key.material.pair.getPublic(), algorithm, plaintext));
    }

    private static int modulusLength(KeySpec spec) {
        return Integer.parseInt(spec.name().substring("RSA_".length())) / 8;
    }

    private Opened open(Call call, String keyMember, String action, Encryption algorithm, String contextMember) {
        if (call.ignoresCiphertext()) {
            ServerKey key = state.authorized(call, keyMember, action, true);
            key.requireEnabled();
            return new Opened(key, null, null);
        }
        byte[] blob = call.bytes("CiphertextBlob", MAX_CIPHERTEXT);
        Map<String, String> context = call.context(contextMember);
        return algorithm == Encryption.SYMMETRIC_DEFAULT
                ? openSymmetric(call, keyMember, action, blob, context)
                : openRsa(call, keyMember, action, algorithm, blob, context);
    }

    private Opened openSymmetric(
            Call call, String keyMember, String action, byte[] bytes, Map<String, String> context) {
        ServerKey named = null;
        if (call.has(keyMember)) {
            named = state.authorized(call, keyMember, action, true);
            named.requireEnabled();
            requireAlgorithm(call, named, Encryption.SYMMETRIC_DEFAULT);
        }
        CiphertextBlob blob = CiphertextBlob.parse(bytes).orElseThrow(KmsError::invalidCiphertext);
        ServerKey key = state.findByTag(call.caller().region(), blob.keyTag())
                .orElseThrow(() -> KmsError.of(
                        "AccessDeniedException",
                        "The ciphertext refers to a customer master key that does not exist, does not exist in this"
                                + " region, or you are not allowed to access."));
        if (named != null && named != key) {
            throw KmsError.of(
                    "IncorrectKeyException",
                    "The key ID in the request does not identify a CMK that can perform this operation.");
        }
        state.authorize(call, action, key);
        key.requireEnabled();
        byte[] plaintext = blob.open(key.material, context).orElseThrow(KmsError::invalidCiphertext);
        return new Opened(key, plaintext, blob.materialId());
    }

    private Opened openRsa(
            Call call,
            String keyMember,
            String action,
            Encryption algorithm,
            byte[] ciphertext,
            Map<String, String> context) {
        ServerKey key = state.authorized(call, keyMember, action, true);
        key.requireEnabled();
        requireAlgorithm(call, key, algorithm);
        refuseContext(context);
        int modulus =
                ((RSAPublicKey) key.material.pair.getPublic()).getModulus().bitLength() / 8;
        if (ciphertext.length != modulus) {
            throw KmsError.invalidCiphertext();
        }
        try {
            return new Opened(key, Crypto.decryptRsa(key.material.pair.getPrivate(), algorithm, ciphertext), null);
        } catch (GeneralSecurityException e) {
            throw KmsError.invalidCiphertext();
        }
    }
}
