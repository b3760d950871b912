package dev.kmsenvelope.provider;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.spi.KeyServices;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidParameterException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Map;
import javax.crypto.KeyGeneratorSpi;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * {@code KeyGenerator} for the tests of OpenJDK's style, which run against the provider that {@code -Dtest.provider.name}
 * names: generates handles to data keys that a service in memory encrypted, which nobody can use after the process ended.
 * Never offered without that property.
 *
 * <p>A data key has one usage, and such a test does not say which. For AES it is AES-GCM, or the transformation that {@code
 * -Dtest.provider.usage} names.
 */
final class TestKeyGeneratorSpi extends KeyGeneratorSpi {

    private static final String USAGE_PROPERTY = "test.provider.usage";

    private static final class Memory {
        private static final MemoryKeyService SERVICE = new MemoryKeyService();
        private static final KeyServices SERVICES = KeyServices.of(SERVICE, Map.of());
        private static final KeyPolicy POLICY = KeyPolicy.ofNoKey(Configuration.empty());
    }

    private final DataKeyUsage usage;
    private int bytes;

    /**
     * Makes a generator.
     *
     * @param algorithm {@code AES}, or the name of an HMAC
     */
    TestKeyGeneratorSpi(String algorithm) {
        usage = DataKeyUsage.of(
                algorithm.equals("AES")
                        ? System.getProperty(USAGE_PROPERTY, DataKeyUsage.AES_GCM.transformation())
                        : algorithm);
        bytes = usage.isHmac() ? MacName.of(algorithm).length() : 32;
    }

    @Override
    protected void engineInit(@Nullable SecureRandom random) {
        // the length stays the default, and the service draws the key
    }

    @Override
    protected void engineInit(int keySize, @Nullable SecureRandom random) {
        if (keySize % Byte.SIZE != 0 || !usage.accepts(keySize / Byte.SIZE)) {
            throw new InvalidParameterException(
                    "a key for " + usage.transformation() + " cannot have " + keySize + " bits");
        }
        bytes = keySize / Byte.SIZE;
    }

    @Override
    protected void engineInit(@Nullable AlgorithmParameterSpec parameters, @Nullable SecureRandom random)
            throws InvalidAlgorithmParameterException {
        throw new InvalidAlgorithmParameterException("the generator takes a length and no parameters");
    }

    @Override
    protected SecretKey engineGenerateKey() {
        try (DataKeyPair pair =
                Memory.SERVICE.generateDataKey(MemoryKeyService.KEY, bytes, EncryptionContext.empty())) {
            StoredDataKey stored = new StoredDataKey(
                    "test",
                    1,
                    usage,
                    bytes,
                    MemoryKeyService.KEY,
                    Memory.SERVICE.toBlob(pair.encrypted()),
                    EncryptionContext.empty(),
                    StoredDataKey.DEFAULT_MAX_MESSAGES);
            return KmsStoredKey.of(Memory.SERVICES, stored, Memory.POLICY);
        }
    }
}
