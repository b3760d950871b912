package dev.kmsenvelope.testing;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsMacKey;
import dev.kmsenvelope.provider.KmsPrivateKey;
import java.security.Provider;
import java.util.Map;

/** Shortens what the tests of keys other than AES do. */
public final class Handles {

    public static final Provider PROVIDER = new KmsEnvelopeProvider();

    private Handles() {}

    /** The policy of a key, with settings as name, value, name, value. */
    public static KeyPolicy policy(String key, String... settings) {
        Map<String, String> values = new java.util.LinkedHashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            values.put(settings[i], settings[i + 1]);
        }
        return KeyPolicy.of(Configuration.of(values), KeyId.of(key));
    }

    /** A handle to a private key. */
    public static KmsPrivateKey privateKey(KeyService service, String key, String... settings) {
        return KmsPrivateKey.of(service, KeyId.of(key), policy(key, settings));
    }

    /** A handle to an HMAC key. */
    public static KmsMacKey macKey(KeyService service, String key, KeySpec spec) {
        return KmsMacKey.of(service, KeyId.of(key), spec, policy(key));
    }
}
