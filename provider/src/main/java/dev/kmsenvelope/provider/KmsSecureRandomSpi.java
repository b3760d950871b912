package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.RandomService;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.security.SecureRandomSpi;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * {@code SecureRandom.KMS}: every byte comes from the service, and none is kept in stock. It needs no seed and takes none. A
 * failure of the service is a {@link dev.kmsenvelope.kms.KmsException}; nothing else ever takes the service's place.
 */
final class KmsSecureRandomSpi extends SecureRandomSpi {

    private static final long serialVersionUID = 1L;

    private final transient Supplier<KeyService> service;

    /** The service is asked for when bytes are. */
    KmsSecureRandomSpi(Supplier<KeyService> service) {
        this.service = service;
    }

    @Override
    protected void engineSetSeed(byte[] seed) {
        // The service needs no seed from us.
    }

    @Override
    protected void engineNextBytes(byte[] bytes) {
        if (bytes.length == 0) {
            return;
        }
        KeyService keyService = service.get();
        RandomService random = keyService
                .capability(RandomService.class)
                .orElseThrow(() ->
                        new InvalidKeyUsageException("the service " + keyService.name() + " gives no random bytes"));
        for (int done = 0; done < bytes.length; ) {
            int wanted = Math.min(RandomService.MAX_RANDOM, bytes.length - done);
            byte[] drawn = random.generateRandom(wanted);
            if (drawn.length != wanted) {
                throw new KmsUnavailableException("the service " + keyService.name() + " was asked for " + wanted
                        + " random bytes and gave " + drawn.length);
            }
            System.arraycopy(drawn, 0, bytes, done, wanted);
            Arrays.fill(drawn, (byte) 0);
            done += wanted;
        }
    }

    @Override
    protected byte[] engineGenerateSeed(int length) {
        byte[] seed = new byte[length];
        engineNextBytes(seed);
        return seed;
    }

    /**
     * It is not serializable.
     *
     * @param out not written to
     * @throws NotSerializableException always
     */
    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException(KmsSecureRandomSpi.class.getName());
    }

    /**
     * It is not serializable.
     *
     * @param in not read from
     * @throws NotSerializableException always
     */
    private void readObject(ObjectInputStream in) throws NotSerializableException {
        throw new NotSerializableException(KmsSecureRandomSpi.class.getName());
    }
}
