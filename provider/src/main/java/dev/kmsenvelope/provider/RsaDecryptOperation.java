package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.RsaDecryptionService;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.ProviderException;
import java.security.spec.InvalidParameterSpecException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.BadPaddingException;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.OAEPParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * Decrypting and unwrapping with an RSA key in the service. Whatever is wrong with a ciphertext is told by one type and one
 * text, without a cause (RULES 12): the sender must not learn at which step it failed.
 */
final class RsaDecryptOperation implements CipherOperation {

    private static final String WRONG = "the RSA ciphertext does not decrypt with this key and padding";

    private final KmsRsaPrivateKey key;
    private final RsaDecryptionService service;
    private final RsaDecryptionService.Padding padding;
    private final OAEPParameterSpec spec;
    private final byte[] ciphertext;
    private int filled;
    private boolean tooLong;

    RsaDecryptOperation(
            KmsRsaPrivateKey key,
            RsaDecryptionService service,
            RsaDecryptionService.Padding padding,
            OAEPParameterSpec spec) {
        this.key = key;
        this.service = service;
        this.padding = padding;
        this.spec = spec;
        this.ciphertext = new byte[(key.getModulus().bitLength() + Byte.SIZE - 1) / Byte.SIZE];
    }

    @Override
    public int outputSize(int inputLength) {
        return ciphertext.length;
    }

    @Override
    public byte @Nullable [] iv() {
        return null;
    }

    @Override
    public AlgorithmParameters parameters() {
        AlgorithmParameters parameters = OtherProviders.preferred(
                "AlgorithmParameters",
                "OAEP",
                List.of("SunJCE"),
                provider -> AlgorithmParameters.getInstance("OAEP", provider));
        try {
            parameters.init(spec);
        } catch (InvalidParameterSpecException e) {
            throw new ProviderException("the parameters of OAEP cannot be encoded", e);
        }
        return parameters;
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        throw new IllegalStateException("RSA has no additional authenticated data");
    }

    private void take(byte[] in, int offset, int length) {
        if (length > ciphertext.length - filled) {
            tooLong = true;
        } else {
            System.arraycopy(in, offset, ciphertext, filled, length);
            filled += length;
        }
    }

    @Override
    public byte @Nullable [] update(byte[] in, int offset, int length) {
        take(in, offset, length);
        return null;
    }

    @Override
    public int update(byte[] in, int offset, int length, byte[] out, int outOffset) {
        take(in, offset, length);
        return 0;
    }

    @Override
    public int update(ByteBuffer in, ByteBuffer out) {
        byte[] copy = new byte[in.remaining()];
        in.get(copy);
        take(copy, 0, copy.length);
        return 0;
    }

    @Override
    public byte[] doFinal(byte[] in, int offset, int length) throws IllegalBlockSizeException, BadPaddingException {
        take(in, offset, length);
        byte[] whole = Arrays.copyOf(ciphertext, filled);
        boolean refused = tooLong;
        reset();
        if (refused) {
            throw new IllegalBlockSizeException("an RSA ciphertext for this key has " + ciphertext.length + " bytes");
        }
        if (whole.length != ciphertext.length) {
            throw new BadPaddingException(WRONG);
        }
        try (SecretBytes plaintext = service.decryptRsa(key.id(), padding, whole)) {
            return plaintext.copy();
        } catch (InvalidCiphertextException e) {
            throw new BadPaddingException(WRONG);
        }
    }

    private void reset() {
        filled = 0;
        tooLong = false;
    }

    /** The longest plaintext must fit: how long this one is would be known only after the request. */
    @Override
    public int doFinal(byte[] in, int offset, int length, byte[] out, int outOffset)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
        requireRoom(out.length - outOffset);
        byte[] plaintext = doFinal(in, offset, length);
        try {
            System.arraycopy(plaintext, 0, out, outOffset, plaintext.length);
            return plaintext.length;
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    @Override
    public int doFinal(ByteBuffer in, ByteBuffer out)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
        requireRoom(out.remaining());
        byte[] copy = new byte[in.remaining()];
        in.get(copy);
        byte[] plaintext = doFinal(copy, 0, copy.length);
        try {
            out.put(plaintext);
            return plaintext.length;
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    private void requireRoom(int room) throws ShortBufferException {
        int hash = padding == RsaDecryptionService.Padding.RSAES_OAEP_SHA_256 ? 32 : 20;
        int longest = ciphertext.length - 2 * hash - 2;
        if (room < longest) {
            throw new ShortBufferException("the output needs room for " + longest + " bytes");
        }
    }

    @Override
    public byte[] wrap(Key wrapped) {
        throw new IllegalStateException("the cipher is not initialized for wrapping");
    }

    @Override
    public Key unwrap(byte[] wrapped, String algorithm, int type) throws InvalidKeyException, NoSuchAlgorithmException {
        reset();
        byte[] encoded = null;
        try {
            encoded = doFinal(wrapped, 0, wrapped.length);
            return WrappedKeys.decode(encoded, algorithm, type);
        } catch (IllegalBlockSizeException | BadPaddingException | InvalidKeyException e) {
            throw new InvalidKeyException(WRONG);
        } finally {
            if (encoded != null) {
                Arrays.fill(encoded, (byte) 0);
            }
        }
    }

    @Override
    public void close() {
        reset();
    }
}
