package dev.kmsenvelope.testing.kms;

import com.google.gson.JsonObject;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.testing.kms.Algorithms.Agreement;
import dev.kmsenvelope.testing.kms.Algorithms.Mac;
import dev.kmsenvelope.testing.kms.Algorithms.MessageType;
import dev.kmsenvelope.testing.kms.Algorithms.Signing;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Map;
import java.util.function.Function;

/** Public keys, signatures, message authentication codes and key agreement. */
final class SigningCommands {

    private static final int MAX_MESSAGE = 4096;
    private static final int MAX_SIGNATURE = 6144;
    private static final int MAX_PUBLIC_KEY = 8192;
    private static final int MU_LENGTH = 64;

    private final ServerState state;

    SigningCommands(ServerState state) {
        this.state = state;
    }

    Map<String, Function<Call, JsonObject>> all() {
        return Map.of(
                "GetPublicKey", this::getPublicKey,
                "Sign", this::sign,
                "Verify", this::verify,
                "GenerateMac", this::generateMac,
                "VerifyMac", this::verifyMac,
                "DeriveSharedSecret", this::deriveSharedSecret);
    }

    private JsonObject getPublicKey(Call call) {
        ServerKey key = state.usable(call);
        if (key.material.pair == null) {
            throw KmsError.unsupported(key.arn() + " has no public key.");
        }
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.arn());
        answer.addProperty(
                "PublicKey",
                EncryptionCommands.base64(key.material.pair.getPublic().getEncoded()));
        answer.addProperty("CustomerMasterKeySpec", key.material.spec.name());
        answer.addProperty("KeySpec", key.material.spec.name());
        answer.addProperty("KeyUsage", key.material.usage.name());
        Algorithms.addTo(answer, key.material);
        return answer;
    }

    /** What is signed, checked against the algorithm. */
    private static byte[] message(Call call, Signing algorithm, MessageType type) {
        byte[] message = call.bytes("Message", MAX_MESSAGE);
        boolean fits = switch (algorithm) {
            case ED25519_SHA_512 -> type == MessageType.RAW;
            case ED25519_PH_SHA_512 -> type == MessageType.DIGEST;
            case ML_DSA_SHAKE_256 -> type != MessageType.DIGEST;
            default -> type != MessageType.EXTERNAL_MU;
        };
        if (!fits) {
            throw KmsError.validation("The message type " + type + " is not for " + algorithm);
        }
        int length = type == MessageType.EXTERNAL_MU ? MU_LENGTH : algorithm.hashBits / 8;
        if (type != MessageType.RAW && message.length != length) {
            throw KmsError.validation("Digest is invalid length for algorithm " + algorithm);
        }
        if (algorithm == Signing.ED25519_PH_SHA_512) {
            throw KmsError.unsupported("This server does not sign with Ed25519ph.");
        }
        return message;
    }

    private static MessageType type(Call call) {
        return call.optionalChoice("MessageType", MessageType.class).orElse(MessageType.RAW);
    }

    private ServerKey signer(Call call, Signing algorithm) {
        ServerKey key = state.usable(call);
        if (key.material.usage != KeyUsage.SIGN_VERIFY
                || !Algorithms.signing(key.material.spec).contains(algorithm)) {
            throw KmsError.invalidUsage(key, call.operation());
        }
        return key;
    }

    private JsonObject sign(Call call) {
        Signing algorithm = call.choice("SigningAlgorithm", Signing.class);
        MessageType type = type(call);
        byte[] message = message(call, algorithm, type);
        ServerKey key = signer(call, algorithm);
        call.endDryRun();
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.arn());
        answer.addProperty(
                "Signature",
                EncryptionCommands.base64(Crypto.sign(key.material.pair.getPrivate(), algorithm, type, message)));
        answer.addProperty("SigningAlgorithm", algorithm.name());
        return answer;
    }

    private JsonObject verify(Call call) {
        Signing algorithm = call.choice("SigningAlgorithm", Signing.class);
        MessageType type = type(call);
        byte[] message = message(call, algorithm, type);
        byte[] signature = call.bytes("Signature", MAX_SIGNATURE);
        ServerKey key = signer(call, algorithm);
        if (!Crypto.verify(key.material.pair.getPublic(), algorithm, type, message, signature)) {
            throw KmsError.of("KMSInvalidSignatureException", null);
        }
        call.endDryRun();
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.arn());
        answer.addProperty("SignatureValid", true);
        answer.addProperty("SigningAlgorithm", algorithm.name());
        return answer;
    }

    private ServerKey macKey(Call call, Mac algorithm) {
        ServerKey key = state.usable(call);
        if (!Algorithms.mac(key.material.spec).contains(algorithm)) {
            throw KmsError.invalidUsage(key, call.operation());
        }
        return key;
    }

    private JsonObject generateMac(Call call) {
        Mac algorithm = call.choice("MacAlgorithm", Mac.class);
        byte[] message = call.bytes("Message", MAX_MESSAGE);
        ServerKey key = macKey(call, algorithm);
        call.endDryRun();
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.arn());
        answer.addProperty(
                "Mac",
                EncryptionCommands.base64(Crypto.mac(key.material.current().secret(), algorithm, message)));
        answer.addProperty("MacAlgorithm", algorithm.name());
        return answer;
    }

    private JsonObject verifyMac(Call call) {
        Mac algorithm = call.choice("MacAlgorithm", Mac.class);
        byte[] message = call.bytes("Message", MAX_MESSAGE);
        byte[] mac = call.bytes("Mac", MAX_SIGNATURE);
        ServerKey key = macKey(call, algorithm);
        if (!MessageDigest.isEqual(Crypto.mac(key.material.current().secret(), algorithm, message), mac)) {
            throw KmsError.of("KMSInvalidMacException", null);
        }
        call.endDryRun();
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.arn());
        answer.addProperty("MacValid", true);
        answer.addProperty("MacAlgorithm", algorithm.name());
        return answer;
    }

    private JsonObject deriveSharedSecret(Call call) {
        call.choice("KeyAgreementAlgorithm", Agreement.class);
        byte[] publicKey = call.bytes("PublicKey", MAX_PUBLIC_KEY);
        ServerKey key = state.usable(call);
        if (key.material.usage != KeyUsage.KEY_AGREEMENT) {
            throw KmsError.invalidUsage(key, call.operation());
        }
        byte[] secret;
        try {
            secret = Crypto.agree(key.material.pair, publicKey);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw KmsError.validation("The public key is not one on the curve of " + key.material.spec);
        }
        call.endDryRun();
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.arn());
        answer.addProperty("SharedSecret", EncryptionCommands.base64(secret));
        answer.addProperty("KeyAgreementAlgorithm", Agreement.ECDH.name());
        answer.addProperty("KeyOrigin", "AWS_KMS");
        return answer;
    }
}
