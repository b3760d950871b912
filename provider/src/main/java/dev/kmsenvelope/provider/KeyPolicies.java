package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.security.InvalidKeyException;
import java.security.Key;

/** What a policy means for the kinds of handle. */
final class KeyPolicies {

    private KeyPolicies() {}

    /** Services bind a context under symmetric keys only; one that was configured and then ignored would protect nothing. */
    static void requireNoContext(KeyId id, KeyPolicy policy) {
        if (!policy.context().asMap().isEmpty()) {
            throw new KmsConfigurationException("the key " + id
                    + " cannot have the settings key.*.context.*: only symmetric keys have an encryption context");
        }
        if (!policy.decryptKeys().isEmpty()) {
            throw new KmsConfigurationException("the key " + id
                    + " cannot have the setting key.*.decrypt-keys: only symmetric keys have further keys");
        }
    }

    /** Whether a handle may encrypt or decrypt. */
    static void requireUsage(Key key, boolean encrypts) throws InvalidKeyException {
        String name;
        KeyPolicy policy;
        if (key instanceof KmsSecretKey handle) {
            name = handle.id().value();
            policy = handle.policy();
        } else if (key instanceof KmsPrivateKey handle) {
            name = handle.id().value();
            policy = handle.policy();
        } else if (key instanceof KmsStoredKey handle) {
            name = handle.name();
            policy = handle.policy();
        } else {
            throw new InvalidKeyException("not a handle to a key of a key service");
        }
        KeyPolicy.Usage forbidden = encrypts ? KeyPolicy.Usage.DECRYPT : KeyPolicy.Usage.ENCRYPT;
        if (policy.usage() == forbidden) {
            throw new InvalidKeyException("the handle to " + name + " may not " + (encrypts ? "encrypt" : "decrypt")
                    + ": it is limited by key." + name + ".usage");
        }
    }
}
