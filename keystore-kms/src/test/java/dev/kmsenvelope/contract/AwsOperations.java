package dev.kmsenvelope.contract;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyAgreementService;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyPairService;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.MacService;
import dev.kmsenvelope.kms.MacService.MacAlgorithm;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.kms.RandomService;
import dev.kmsenvelope.kms.RsaDecryptionService;
import dev.kmsenvelope.kms.RsaDecryptionService.Padding;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import dev.kmsenvelope.kms.SigningService.MessageType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Every operation of the port that makes requests to AWS KMS, with the request that is decisive. */
final class AwsOperations {

    /** What an answer has, and so what can be wrong with it. */
    enum Trait {
        /** Nothing. */
        NO_ANSWER,
        /** What nobody needs. */
        UNUSED_ANSWER,
        /** Which key was used. */
        NAMES_KEY,
        /** Bytes whose number is known before. */
        KNOWN_LENGTH,
        /** The request is about a key, which errors name. */
        ABOUT_KEY,
        /** It must not be carried out twice, so it is not repeated unless it was refused. */
        ONCE,
        /** Another key in the answer is the ciphertext's fault. */
        DECRYPTS,
        /** A denial is no failure: less is told then. */
        MAY_BE_DENIED,
        /** That a key is of another kind is an answer. */
        TELLS_KINDS,
        /** What is refused as invalid is the caller's argument. */
        VALIDATES_ARGUMENT
    }

    /**
     * One operation.
     *
     * @param name its name in the port
     * @param api the request that a fault is injected into
     * @param traits of its answer
     * @param call makes it
     */
    record Operation(String name, String api, Set<Trait> traits, Call call) {

        boolean is(Trait trait) {
            return traits.contains(trait);
        }

        @Override
        public String toString() {
            return name + " (" + api + ")";
        }
    }

    /** Uses a service or an administration; another administration prepares what must be there. */
    interface Call {
        void run(KeyService service, KeyAdministration administration, KeyAdministration helper) throws Exception;
    }

    private static final byte[] TEXT = Contract.TEXT;
    private static final EncryptionContext NONE = EncryptionContext.empty();

    private final List<Operation> all = new ArrayList<>();
    private final AtomicInteger aliases = new AtomicInteger();

    /** Makes the keys that the operations need. */
    AwsOperations(KeyService service, KeyAdministration administration) throws Exception {
        KeyId key = administration.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        EncryptedDataKey encrypted = service.encrypt(key, TEXT, NONE);
        addUses(key, encrypted);
        addCapabilities(service, administration, key);
        addAdministration(key);
    }

    List<Operation> all() {
        return all;
    }

    private void add(String name, String api, Call call, Trait... traits) {
        Set<Trait> set = EnumSet.noneOf(Trait.class);
        set.addAll(List.of(traits));
        all.add(new Operation(name, api, set, call));
    }

    private void addUses(KeyId key, EncryptedDataKey encrypted) {
        Trait about = Trait.ABOUT_KEY;
        add("describe", "DescribeKey", (service, a, h) -> service.describe(key), about, Trait.NAMES_KEY);
        add("describe", "ListAliases", (service, a, h) -> service.describe(key), Trait.MAY_BE_DENIED);
        add("list", "ListKeys", (service, a, h) -> service.list(), Trait.MAY_BE_DENIED);
        add("list", "ListAliases", (service, a, h) -> service.list());
        add(
                "generateDataKey",
                "GenerateDataKey",
                (service, a, h) -> service.generateDataKey(key, 32, NONE).close(),
                about,
                Trait.NAMES_KEY,
                Trait.KNOWN_LENGTH);
        add("encrypt", "Encrypt", (service, a, h) -> service.encrypt(key, TEXT, NONE), about, Trait.NAMES_KEY);
        add(
                "decrypt",
                "Decrypt",
                (service, a, h) -> service.decrypt(key, encrypted, NONE).close(),
                about,
                Trait.NAMES_KEY,
                Trait.DECRYPTS);
        add(
                "versionOf",
                "Decrypt",
                (service, a, h) -> service.versionOf(key, encrypted, NONE),
                about,
                Trait.NAMES_KEY,
                Trait.DECRYPTS);
        add(
                "reEncrypt",
                "ReEncrypt",
                (service, a, h) -> service.reEncrypt(key, encrypted, NONE, key, NONE),
                about,
                Trait.NAMES_KEY,
                Trait.DECRYPTS);
    }

    private void addCapabilities(KeyService service, KeyAdministration administration, KeyId key) throws Exception {
        KeyId rsa = administration
                .createKey(KeySpec.RSA_2048, KeyUsage.ENCRYPT_DECRYPT)
                .id();
        KeyId signer = administration
                .createKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY)
                .id();
        KeyId mac = administration.createKey(KeySpec.HMAC_256).id();
        KeyId agreement = administration
                .createKey(KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT)
                .id();
        PublicKeyService publicKeys = service.capability(PublicKeyService.class).orElseThrow();
        byte[] sealed = Crypto.encryptRsa(
                Crypto.publicKey(KeySpec.RSA_2048, publicKeys.publicKey(rsa)), Padding.RSAES_OAEP_SHA_256, TEXT);
        byte[] other = Crypto.generate(KeySpec.ECC_NIST_P256).getPublic().getEncoded();
        Trait about = Trait.ABOUT_KEY;
        add(
                "publicKey",
                "GetPublicKey",
                (s, a, h) -> s.capability(PublicKeyService.class).orElseThrow().publicKey(signer),
                about,
                Trait.NAMES_KEY);
        add(
                "decryptRsa",
                "Decrypt",
                (s, a, h) -> s.capability(RsaDecryptionService.class)
                        .orElseThrow()
                        .decryptRsa(rsa, Padding.RSAES_OAEP_SHA_256, sealed)
                        .close(),
                about,
                Trait.NAMES_KEY);
        add(
                "sign",
                "Sign",
                (s, a, h) -> s.capability(SigningService.class)
                        .orElseThrow()
                        .sign(signer, SigningAlgorithm.ECDSA_SHA_256, MessageType.RAW, TEXT),
                about,
                Trait.NAMES_KEY);
        add(
                "generateMac",
                "GenerateMac",
                (s, a, h) ->
                        s.capability(MacService.class).orElseThrow().generateMac(mac, MacAlgorithm.HMAC_SHA_256, TEXT),
                about,
                Trait.NAMES_KEY,
                Trait.KNOWN_LENGTH);
        add(
                "deriveSharedSecret",
                "DeriveSharedSecret",
                (s, a, h) -> s.capability(KeyAgreementService.class)
                        .orElseThrow()
                        .deriveSharedSecret(agreement, other)
                        .close(),
                about,
                Trait.NAMES_KEY,
                Trait.KNOWN_LENGTH,
                Trait.VALIDATES_ARGUMENT);
        add(
                "generateDataKeyPair",
                "GenerateDataKeyPair",
                (s, a, h) -> s.capability(KeyPairService.class)
                        .orElseThrow()
                        .generateDataKeyPair(key, KeySpec.ECC_NIST_P256, NONE)
                        .close(),
                about,
                Trait.NAMES_KEY);
        add(
                "generateRandom",
                "GenerateRandom",
                (s, a, h) -> s.capability(RandomService.class).orElseThrow().generateRandom(32),
                Trait.KNOWN_LENGTH);
    }

    private KeyId freshAlias() {
        return KeyId.of("alias/matrix-" + aliases.incrementAndGet());
    }

    private void addAdministration(KeyId key) {
        Trait about = Trait.ABOUT_KEY;
        Trait none = Trait.NO_ANSWER;
        add("createKey", "CreateKey", (s, a, h) -> a.createKey(KeySpec.SYMMETRIC_DEFAULT), Trait.ONCE);
        add("createAlias", "CreateAlias", (s, a, h) -> a.createAlias(freshAlias(), key), none, Trait.ONCE);
        add(
                "updateAlias",
                "UpdateAlias",
                (s, a, h) -> {
                    KeyId alias = freshAlias();
                    h.createAlias(alias, key);
                    try {
                        a.updateAlias(alias, key);
                    } finally {
                        h.deleteAlias(alias);
                    }
                },
                none);
        add(
                "deleteAlias",
                "DeleteAlias",
                (s, a, h) -> {
                    KeyId alias = freshAlias();
                    h.createAlias(alias, key);
                    a.deleteAlias(alias);
                },
                none,
                Trait.ONCE);
        add(
                "rotate",
                "RotateKeyOnDemand",
                (s, a, h) -> a.rotate(h.createKey(KeySpec.SYMMETRIC_DEFAULT).id()),
                Trait.ONCE,
                Trait.UNUSED_ANSWER);
        add("enableRotation", "EnableKeyRotation", (s, a, h) -> a.enableRotation(key, 365), about, none);
        add("disableRotation", "DisableKeyRotation", (s, a, h) -> a.disableRotation(key), about, none);
        add("rotationStatus", "GetKeyRotationStatus", (s, a, h) -> a.rotationStatus(key), about, Trait.TELLS_KINDS);
        add("rotationStatus", "ListKeyRotations", (s, a, h) -> a.rotationStatus(key), about, Trait.TELLS_KINDS);
        add("enable", "EnableKey", (s, a, h) -> a.enable(key), about, none);
        add(
                "disable",
                "DisableKey",
                (s, a, h) -> {
                    KeyId other = h.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
                    a.disable(other);
                },
                none);
        add(
                "scheduleDeletion",
                "ScheduleKeyDeletion",
                (s, a, h) -> a.scheduleDeletion(
                        a.createKey(KeySpec.SYMMETRIC_DEFAULT).id(), 7));
        add(
                "cancelDeletion",
                "CancelKeyDeletion",
                (s, a, h) -> {
                    KeyId other = h.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
                    h.scheduleDeletion(other, 7);
                    a.cancelDeletion(other);
                },
                Trait.UNUSED_ANSWER,
                Trait.ONCE);
        add("describe by the administration", "DescribeKey", (s, a, h) -> a.describe(key), about, Trait.NAMES_KEY);
        add("list by the administration", "ListKeys", (s, a, h) -> a.list(), Trait.MAY_BE_DENIED);
    }
}
