package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.AesCiphers;
import dev.kmsenvelope.crypto.CipherInitialization;
import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.dek.KeyIdentity;
import java.nio.ByteBuffer;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * What one Cipher object does under handles to stored data keys: the work of a cipher of SunJCE, which it keeps from one
 * {@code init} to the next, with SunJCE's rules. Not thread-safe.
 *
 * <p>IVs that the caller does not give are drawn here, from the operating system, and not by SunJCE: a virtual machine that
 * is restored twice must not draw the same ones (RULES 17).
 */
final class StoredCiphers {

    private static final int TAG_BITS = 128;
    private static final int AES_BLOCK = 16;
    private static final String WRAP_NAME = "AESWrap";

    private final String transformation;
    private final DataKeyUsage usage;
    private final int keyLength;
    private final RandomSource random;
    private @Nullable PassThroughOperation cipher;
    private @Nullable Encryption last;

    /** What AES-GCM must not do twice. */
    private record Encryption(KeyIdentity key, ByteBuffer iv) {}

    private StoredCiphers(String transformation, DataKeyUsage usage, int keyLength, RandomSource random) {
        this.transformation = transformation;
        this.usage = usage;
        this.keyLength = keyLength;
        this.random = random;
    }

    /**
     * For a transformation.
     *
     * @param transformation {@code AESWrap}, which is RFC 3394 here, or a usage's; in place of {@code AES} may stand {@code
     *     AES_128}, {@code AES_192} or {@code AES_256}
     */
    static StoredCiphers of(String transformation) {
        RandomSource random = length -> RandomSource.operatingSystem().next(length);
        if (transformation.equals(WRAP_NAME)) {
            return new StoredCiphers(transformation, DataKeyUsage.AES_KW, 0, random);
        }
        int slash = transformation.indexOf('/');
        String name = transformation.substring(0, slash);
        int length = name.equals("AES") ? 0 : Integer.parseInt(name.substring("AES_".length())) / Byte.SIZE;
        return new StoredCiphers(
                transformation, DataKeyUsage.of("AES" + transformation.substring(slash)), length, random);
    }

    /**
     * Starts an operation.
     *
     * @param given whether there are parameters in the initialization
     */
    CipherOperation start(int mode, KmsStoredKey key, boolean given, CipherInitialization asked)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        requireFits(key);
        boolean encrypts = mode == Cipher.ENCRYPT_MODE || mode == Cipher.WRAP_MODE;
        KeyPolicies.requireUsage(key, encrypts);
        boolean draws = encrypts && !given && usage.takesIv();
        boolean once = encrypts && usage == DataKeyUsage.AES_GCM;
        StoredKeyOperation operation =
                new StoredKeyOperation(key, delegate(), draws ? AesCiphers.with(mode, freshParameters()) : asked, once);
        boolean started = false;
        try {
            KeyIdentity identity = operation.start();
            Encryption encryption = once ? encryption(identity, operation) : null;
            if (draws) {
                MessageCounts.OF_PROCESS.add(identity, key.stored());
            }
            last = once ? encryption : last;
            started = true;
            return operation;
        } finally {
            if (!started) {
                operation.close();
                cipher = null; // whatever state the failure left it in
            }
        }
    }

    /** SunJCE's, which is for a key wrap not the same in all its versions; in bytes. */
    int blockSize() {
        boolean wraps = usage == DataKeyUsage.AES_KW || usage == DataKeyUsage.AES_KWP;
        return wraps ? AesCiphers.blockSize(usage.transformation()) : AES_BLOCK;
    }

    private void requireFits(KmsStoredKey key) throws InvalidKeyException {
        if (key.usage() != usage) {
            throw new InvalidKeyException("the data key '" + key.name() + "' is for "
                    + key.usage().transformation() + " and nothing else, not for " + transformation);
        }
        if (keyLength != 0 && key.stored().length() != keyLength) {
            throw new InvalidKeyException("the data key '" + key.name() + "' has "
                    + key.stored().length() * Byte.SIZE + " bits, and " + transformation + " needs "
                    + keyLength * Byte.SIZE);
        }
    }

    private PassThroughOperation delegate() {
        PassThroughOperation known = cipher;
        if (known == null) {
            known = new PassThroughOperation(AesCiphers.create(usage.transformation()));
            cipher = known;
        }
        return known;
    }

    private AlgorithmParameterSpec freshParameters() {
        byte[] iv = random.next(usage.generatedIvLength());
        return usage == DataKeyUsage.AES_GCM ? new GCMParameterSpec(TAG_BITS, iv) : new IvParameterSpec(iv);
    }

    /** SunJCE compares with the last encryption too, but forgets it with the key that is taken away from it. */
    private Encryption encryption(KeyIdentity key, CipherOperation operation)
            throws InvalidAlgorithmParameterException {
        byte[] iv = operation.iv();
        Encryption encryption = new Encryption(key, ByteBuffer.wrap(iv == null ? new byte[0] : iv));
        if (encryption.equals(last)) {
            throw new InvalidAlgorithmParameterException("Cannot reuse iv for GCM encryption");
        }
        return encryption;
    }
}
