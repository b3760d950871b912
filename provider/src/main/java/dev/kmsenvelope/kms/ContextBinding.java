package dev.kmsenvelope.kms;

/**
 * Refuses keys that bind no encryption context for what is authenticated by nothing else. Anyone who has the public half of such a
 * key could make it, and put one in the place of another.
 */
public final class ContextBinding {

    private ContextBinding() {}

    /**
     * Checks a key, without a request.
     *
     * @param service has the key
     * @param key an alias, key id or ARN
     * @param what it is to encrypt, in the plural, for the error
     * @throws KmsConfigurationException if it binds no context
     */
    public static void require(KeyService service, KeyId key, String what) {
        if (!service.bindsContext(key)) {
            throw new KmsConfigurationException("the key " + key + " cannot be used for " + what
                    + ": it is an RSA key, so anyone who has its certificate could make them; use a symmetric key");
        }
    }
}
