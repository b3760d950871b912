package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.CipherInitialization;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.interfaces.RSAKey;
import java.security.spec.AlgorithmParameterSpec;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * Every cipher of this provider: {@code init} makes a {@link CipherOperation} out of the key and parameters, and the rest
 * delegates to that.
 *
 * <p>Not thread-safe, as any cipher; but a call that meets another one on the same object is refused, with an
 * IllegalStateException and without effect. Otherwise two threads could give two frames one number, and with it one nonce, or
 * leave memory of their message to somebody else's.
 */
final class KmsCipherSpi extends CipherSpi {

    private static final byte[] NOTHING = new byte[0];

    /** Makes operations for the keys that are ours. */
    interface Kind<K extends Key> {

        /** The handles that it takes. */
        Class<K> keyType();

        /** Starts an operation; {@code parameters} are null when the caller gave none. */
        CipherOperation start(int mode, K key, @Nullable AlgorithmParameterSpec parameters)
                throws InvalidKeyException, InvalidAlgorithmParameterException;

        /** In bytes; 0 for what is no block cipher. */
        default int blockSize() {
            return 16;
        }

        /** Turns encoded parameters into what {@link #start} takes. */
        AlgorithmParameterSpec specOf(AlgorithmParameters parameters) throws InvalidAlgorithmParameterException;
    }

    private final Kind<?> kind;
    private final @Nullable StoredCiphers stored;
    private final @Nullable String passThrough;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final Turn turn = new Turn();
    private @Nullable CipherOperation operation;
    private @Nullable PassThroughOperation passedThrough;
    private boolean untouched = true;

    /**
     * What the caller gave.
     *
     * @param given whether there were any
     * @param spec in the form for keys of a service; null if there were none or the key is no such key
     */
    private record Parameters(boolean given, @Nullable AlgorithmParameterSpec spec) {}

    /** One call, from its start to its end. */
    private final class Turn implements AutoCloseable {

        CipherOperation operation() {
            return initialized();
        }

        void start(int mode, Key key, Parameters parameters, CipherInitialization initialization)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            initialize(mode, key, parameters, initialization);
        }

        @Override
        public void close() {
            busy.set(false);
        }
    }

    /**
     * Makes a cipher.
     *
     * @param kind what it does under keys of a service
     * @param stored what it does under data keys that a keystore file keeps, or null to refuse those
     * @param passThrough the transformation that other providers do for other keys, or null to refuse those
     */
    KmsCipherSpi(Kind<?> kind, @Nullable StoredCiphers stored, @Nullable String passThrough) {
        this.kind = kind;
        this.stored = stored;
        this.passThrough = passThrough;
    }

    /** Makes a cipher that refuses data keys that a keystore file keeps. */
    KmsCipherSpi(Kind<?> kind, @Nullable String passThrough) {
        this(kind, null, passThrough);
    }

    private Turn turn() {
        if (!busy.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "another thread is using this Cipher object; each thread needs one of its own");
        }
        return turn;
    }

    @Override
    protected void engineInit(int mode, Key key, @Nullable SecureRandom random) throws InvalidKeyException {
        try (Turn taken = turn()) {
            taken.start(mode, key, new Parameters(false, null), (cipher, its) -> {
                if (random == null) {
                    cipher.init(mode, its);
                } else {
                    cipher.init(mode, its, random);
                }
            });
        } catch (InvalidAlgorithmParameterException e) {
            throw new InvalidKeyException("the key cannot be used without parameters", e);
        }
    }

    @Override
    protected void engineInit(
            int mode, Key key, @Nullable AlgorithmParameterSpec parameters, @Nullable SecureRandom random)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        try (Turn taken = turn()) {
            taken.start(mode, key, new Parameters(parameters != null, parameters), (cipher, its) -> {
                if (random == null) {
                    cipher.init(mode, its, parameters);
                } else {
                    cipher.init(mode, its, parameters, random);
                }
            });
        }
    }

    @Override
    protected void engineInit(
            int mode, Key key, @Nullable AlgorithmParameters parameters, @Nullable SecureRandom random)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        AlgorithmParameterSpec spec =
                kind.keyType().isInstance(key) && parameters != null ? kind.specOf(parameters) : null;
        try (Turn taken = turn()) {
            taken.start(mode, key, new Parameters(parameters != null, spec), (cipher, its) -> {
                if (random == null) {
                    cipher.init(mode, its, parameters);
                } else {
                    cipher.init(mode, its, parameters, random);
                }
            });
        }
    }

    private void initialize(int mode, Key key, Parameters parameters, CipherInitialization initialization)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        untouched = false;
        boolean isKind = kind.keyType().isInstance(key);
        boolean passes = !isKind && !(key instanceof KmsStoredKey);
        if (operation != null && !(passes && operation instanceof PassThroughOperation)) {
            operation.close();
            operation = null;
        }
        if (isKind) {
            KeyPolicies.requireUsage(key, mode == Cipher.ENCRYPT_MODE || mode == Cipher.WRAP_MODE);
            operation = start(kind, mode, key, parameters.spec());
        } else if (key instanceof KmsStoredKey handle) {
            operation = startStored(mode, handle, parameters, initialization);
        } else if (passThrough != null) {
            operation = passThrough(passThrough, key, initialization);
        } else {
            throw new InvalidKeyException("this cipher takes keys out of a KeyStore of type KMS only");
        }
    }

    private CipherOperation startStored(
            int mode, KmsStoredKey key, Parameters parameters, CipherInitialization initialization)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        if (stored == null) {
            throw new InvalidKeyException(
                    "the data key '" + key.name() + "' is for " + key.usage().transformation() + " and nothing else");
        }
        return stored.start(mode, key, parameters.given(), initialization);
    }

    /** Always with the same cipher of the other provider: it remembers which IV must not be used again with its key. */
    private PassThroughOperation passThrough(String transformation, Key key, CipherInitialization initialization)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        if (passedThrough == null) {
            passedThrough = PassThroughOperation.start(transformation, key, initialization);
        } else {
            initialization.init(passedThrough.cipher(), key);
        }
        return passedThrough;
    }

    private static <K extends Key> CipherOperation start(
            Kind<K> kind, int mode, Key key, @Nullable AlgorithmParameterSpec parameters)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        return kind.start(mode, kind.keyType().cast(key), parameters);
    }

    private CipherOperation initialized() {
        if (operation == null) {
            throw new IllegalStateException("the cipher is not initialized");
        }
        return operation;
    }

    @Override
    protected void engineSetMode(String mode) throws NoSuchAlgorithmException {
        throw new NoSuchAlgorithmException("the mode " + mode + " is not offered");
    }

    @Override
    protected void engineSetPadding(String padding) throws NoSuchPaddingException {
        throw new NoSuchPaddingException("the padding " + padding + " is not offered");
    }

    @Override
    protected int engineGetBlockSize() {
        return stored == null ? kind.blockSize() : stored.blockSize();
    }

    @Override
    protected int engineGetOutputSize(int inputLength) {
        return initialized().outputSize(inputLength);
    }

    @Override
    protected byte @Nullable [] engineGetIV() {
        return operation == null ? null : operation.iv();
    }

    @Override
    protected @Nullable AlgorithmParameters engineGetParameters() {
        if (operation != null) {
            return operation.parameters();
        }
        return untouched && passThrough != null ? PassThroughOperation.parametersBeforeInit(passThrough) : null;
    }

    @Override
    protected int engineGetKeySize(Key key) throws InvalidKeyException {
        if (key instanceof KmsSecretKey) {
            return 256;
        }
        if (key instanceof KmsStoredKey handle) {
            return handle.stored().length() * Byte.SIZE;
        }
        if (key instanceof RSAKey rsa) {
            return rsa.getModulus().bitLength();
        }
        byte[] encoded = key.getEncoded();
        if (encoded == null) {
            throw new InvalidKeyException("the length of the key is not known");
        }
        return encoded.length * Byte.SIZE;
    }

    @Override
    protected void engineUpdateAAD(byte[] in, int offset, int length) {
        try (Turn taken = turn()) {
            taken.operation().updateAad(in, offset, length);
        }
    }

    @Override
    protected void engineUpdateAAD(ByteBuffer in) {
        try (Turn taken = turn()) {
            byte[] copy = new byte[in.remaining()];
            in.get(copy);
            taken.operation().updateAad(copy, 0, copy.length);
        }
    }

    @Override
    protected byte @Nullable [] engineUpdate(byte @Nullable [] in, int offset, int length) {
        try (Turn taken = turn()) {
            return taken.operation().update(in == null ? NOTHING : in, offset, length);
        }
    }

    @Override
    protected int engineUpdate(byte @Nullable [] in, int offset, int length, byte[] out, int outOffset)
            throws ShortBufferException {
        try (Turn taken = turn()) {
            return taken.operation().update(in == null ? NOTHING : in, offset, length, out, outOffset);
        }
    }

    @Override
    protected int engineUpdate(ByteBuffer in, ByteBuffer out) throws ShortBufferException {
        try (Turn taken = turn()) {
            return taken.operation().update(in, out);
        }
    }

    @Override
    protected byte[] engineDoFinal(byte @Nullable [] in, int offset, int length)
            throws IllegalBlockSizeException, BadPaddingException {
        try (Turn taken = turn()) {
            return taken.operation().doFinal(in == null ? NOTHING : in, offset, length);
        }
    }

    @Override
    protected int engineDoFinal(byte @Nullable [] in, int offset, int length, byte[] out, int outOffset)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
        try (Turn taken = turn()) {
            return taken.operation().doFinal(in == null ? NOTHING : in, offset, length, out, outOffset);
        }
    }

    @Override
    protected int engineDoFinal(ByteBuffer in, ByteBuffer out)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
        try (Turn taken = turn()) {
            return taken.operation().doFinal(in, out);
        }
    }

    @Override
    protected byte[] engineWrap(Key key) throws IllegalBlockSizeException, InvalidKeyException {
        try (Turn taken = turn()) {
            return taken.operation().wrap(key);
        }
    }

    @Override
    protected Key engineUnwrap(byte[] wrapped, String algorithm, int type)
            throws InvalidKeyException, NoSuchAlgorithmException {
        try (Turn taken = turn()) {
            return taken.operation().unwrap(wrapped, algorithm, type);
        }
    }
}
