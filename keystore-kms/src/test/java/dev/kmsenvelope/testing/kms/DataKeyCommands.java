package dev.kmsenvelope.testing.kms;

import com.google.gson.JsonObject;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.testing.kms.Algorithms.Encryption;
import java.security.KeyPair;
import java.util.Map;
import java.util.function.Function;

/** Data keys, data key pairs and random bytes. */
final class DataKeyCommands {

    private static final int MAX_BYTES = 1024;

    private final ServerState state;

    DataKeyCommands(ServerState state) {
        this.state = state;
    }

    Map<String, Function<Call, JsonObject>> all() {
        return Map.of(
                "GenerateDataKey", call -> generateDataKey(call, true),
                "GenerateDataKeyWithoutPlaintext", call -> generateDataKey(call, false),
                "GenerateDataKeyPair", call -> generateDataKeyPair(call, true),
                "GenerateDataKeyPairWithoutPlaintext", call -> generateDataKeyPair(call, false),
                "GenerateRandom", this::generateRandom);
    }

    /** The service's DataKeySpec. */
    private enum DataKeySpec {
        AES_256,
        AES_128
    }

    private ServerKey symmetric(Call call) {
        ServerKey key = state.usable(call);
        if (!key.material.isSymmetricEncryption()) {
            throw KmsError.invalidUsage(key, call.operation());
        }
        return key;
    }

    private JsonObject generateDataKey(Call call, boolean withPlaintext) {
        if (call.has("KeySpec") == call.has("NumberOfBytes")) {
            throw KmsError.validation("Please specify either number of bytes or key spec.");
        }
        int length = call.integer("NumberOfBytes", 1, MAX_BYTES)
                .orElseGet(() -> call.choice("KeySpec", DataKeySpec.class) == DataKeySpec.AES_256 ? 32 : 16);
        ServerKey key = symmetric(call);
        byte[] plaintext = Crypto.random(length);
        call.endDryRun();
        JsonObject answer = new JsonObject();
        answer.addProperty("CiphertextBlob", sealed(call, key, plaintext));
        if (withPlaintext) {
            answer.addProperty("Plaintext", EncryptionCommands.base64(plaintext));
        }
        answer.addProperty("KeyId", key.arn());
        answer.addProperty("KeyMaterialId", key.material.current().id());
        return answer;
    }

    private static String sealed(Call call, ServerKey key, byte[] plaintext) {
        return EncryptionCommands.base64(EncryptionCommands.seal(
                key, Encryption.SYMMETRIC_DEFAULT, plaintext, call.context("EncryptionContext")));
    }

    private JsonObject generateDataKeyPair(Call call, boolean withPlaintext) {
        KeySpec spec = call.choice("KeyPairSpec", KeySpec.class);
        if (!spec.isAsymmetric() || spec.isMlDsa()) {
            throw KmsError.validation("No data key pairs are of the spec " + spec);
        }
        ServerKey key = symmetric(call);
        call.endDryRun();
        KeyPair pair = Crypto.generate(spec);
        JsonObject answer = new JsonObject();
        answer.addProperty(
                "PrivateKeyCiphertextBlob", sealed(call, key, pair.getPrivate().getEncoded()));
        if (withPlaintext) {
            answer.addProperty(
                    "PrivateKeyPlaintext",
                    EncryptionCommands.base64(pair.getPrivate().getEncoded()));
        }
        answer.addProperty(
                "PublicKey", EncryptionCommands.base64(pair.getPublic().getEncoded()));
        answer.addProperty("KeyId", key.arn());
        answer.addProperty("KeyPairSpec", spec.name());
        answer.addProperty("KeyMaterialId", key.material.current().id());
        return answer;
    }

    private JsonObject generateRandom(Call call) {
        int length = call.integer("NumberOfBytes", 1, MAX_BYTES)
                .orElseThrow(() -> KmsError.validation("NumberOfBytes is missing."));
        state.authorize(call);
        JsonObject answer = new JsonObject();
        answer.addProperty("Plaintext", EncryptionCommands.base64(Crypto.random(length)));
        return answer;
    }
}
