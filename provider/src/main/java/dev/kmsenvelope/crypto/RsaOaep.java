package dev.kmsenvelope.crypto;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.Security;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.NoSuchPaddingException;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.encodings.OAEPEncoding;
import org.jspecify.annotations.Nullable;

/**
 * RSA-OAEP (RFC 8017, 7.1) under one key, with MGF1 on the same hash and no label; never PKCS#1 v1.5 (RULES 12). The public
 * key encrypts in the JDK's own provider. The private key, if there is one, decrypts in the provider that it belongs to: by
 * that provider's OAEP or, where it has none, as SunPKCS11, by its raw RSA, of which BouncyCastle takes the padding off.
 *
 * <p>Thread-safe. An RSA key of the JDK cannot be wiped: {@link #close()} lets go of it.
 */
public final class RsaOaep implements AutoCloseable {

    /** The shortest modulus that is used, in bits. */
    public static final int MIN_MODULUS_BITS = 2048;

    /** The longest modulus that is used, in bits; the JDK takes no longer one. */
    public static final int MAX_MODULUS_BITS = 16384;

    private static final String OAEP = "RSA/ECB/OAEPPadding";
    private static final String RAW = "RSA/ECB/NoPadding";

    private final RSAPublicKey publicKey;
    private final OaepHash hash;
    private final Provider publicProvider;
    private final @Nullable Provider privateProvider;
    private volatile @Nullable PrivateKey privateKey;
    private volatile boolean closed;

    private RsaOaep(
            RSAPublicKey publicKey, OaepHash hash, @Nullable PrivateKey privateKey, @Nullable Provider privateProvider)
            throws InvalidKeyException {
        int bits = publicKey.getModulus().bitLength();
        if (bits < MIN_MODULUS_BITS || bits > MAX_MODULUS_BITS) {
            throw new InvalidKeyException("it is an RSA key of " + bits + " bits; " + MIN_MODULUS_BITS + " to "
                    + MAX_MODULUS_BITS + " are allowed");
        }
        this.publicKey = publicKey;
        this.hash = hash;
        this.publicProvider = softwareProvider();
        this.privateKey = privateKey;
        this.privateProvider = privateProvider;
        try {
            cipher(publicProvider, OAEP).init(Cipher.ENCRYPT_MODE, publicKey, hash.parameters());
        } catch (GeneralSecurityException e) {
            throw new InvalidKeyException("it is an RSA key that cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Works with a public key: what it encrypts, nobody can decrypt here.
     *
     * @param publicKey 2048 to 16384 bits
     * @param hash the hash of the padding
     * @return a key that encrypts only
     * @throws InvalidKeyException if the key is shorter or longer, or malformed; the text says so, to stand behind the
     *     key's name
     */
    public static RsaOaep ofPublicKey(RSAPublicKey publicKey, OaepHash hash) throws InvalidKeyException {
        return new RsaOaep(publicKey, hash, null, null);
    }

    /**
     * Works with a key pair.
     *
     * @param publicKey 2048 to 16384 bits
     * @param privateKey the private half of it; may be opaque to everyone but its provider
     * @param token the provider that has the private key, or null for one in memory
     * @param hash the hash of the padding
     * @return a key that encrypts and decrypts
     * @throws InvalidKeyException as {@link #ofPublicKey}, and if the private key's provider can decrypt nothing with it
     */
    public static RsaOaep ofKeyPair(
            RSAPublicKey publicKey, PrivateKey privateKey, @Nullable Provider token, OaepHash hash)
            throws InvalidKeyException {
        Provider provider = token == null ? softwareProvider() : token;
        if (!offers(provider, OAEP) && !offers(provider, RAW)) {
            throw new InvalidKeyException("its private key is in the provider " + provider.getName()
                    + ", which offers neither " + OAEP + " nor " + RAW);
        }
        return new RsaOaep(publicKey, hash, privateKey, provider);
    }

    /**
     * Works with a private key in memory, which knows its public half.
     *
     * @param privateKey of 2048 to 16384 bits
     * @param hash the hash of the padding
     * @return a key that encrypts and decrypts
     * @throws GeneralSecurityException as {@link #ofPublicKey}, or if this Java runtime has no RSA keys
     */
    public static RsaOaep ofPrivateKey(RSAPrivateCrtKey privateKey, OaepHash hash) throws GeneralSecurityException {
        RSAPublicKeySpec publicHalf = new RSAPublicKeySpec(privateKey.getModulus(), privateKey.getPublicExponent());
        RSAPublicKey publicKey =
                (RSAPublicKey) KeyFactory.getInstance("RSA", "SunRsaSign").generatePublic(publicHalf);
        return ofKeyPair(publicKey, privateKey, null, hash);
    }

    /** Never found by name alone: that could be ourselves. */
    private static Provider softwareProvider() {
        Provider sunJce = Security.getProvider("SunJCE");
        if (sunJce != null && offers(sunJce, OAEP)) {
            return sunJce;
        }
        for (Provider provider : Security.getProviders()) {
            if (offers(provider, OAEP)) {
                return provider;
            }
        }
        throw new ProviderException("no installed security provider offers " + OAEP);
    }

    private static boolean offers(Provider provider, String transformation) {
        if (provider.getName().equals(GcmProvider.OWN_NAME)) {
            return false;
        }
        try {
            cipher(provider, transformation);
            return true;
        } catch (NoSuchAlgorithmException | NoSuchPaddingException e) {
            return false;
        }
    }

    private static Cipher cipher(Provider provider, String transformation)
            throws NoSuchAlgorithmException, NoSuchPaddingException {
        return Cipher.getInstance(transformation, provider);
    }

    /**
     * The length of the modulus.
     *
     * @return in bits
     */
    public int modulusBits() {
        return publicKey.getModulus().bitLength();
    }

    /**
     * The hash of the padding.
     *
     * @return as it was given
     */
    public OaepHash hash() {
        return hash;
    }

    /**
     * How much it encrypts at once.
     *
     * @return the most bytes of a plaintext, for example 190 for 2048 bits and SHA-256
     */
    public int maxPlaintext() {
        return hash.maxPlaintext(modulusLength());
    }

    private int modulusLength() {
        return (modulusBits() + 7) / 8;
    }

    /**
     * Tells whether there is a private key.
     *
     * @return true if it decrypts too
     */
    public boolean canDecrypt() {
        return privateProvider != null;
    }

    /**
     * Encrypts with the public key.
     *
     * @param plaintext at most {@link #maxPlaintext()} bytes; not modified
     * @param random where the seed of the padding comes from: the operating system's source
     * @return as many bytes as the modulus has
     */
    public byte[] encrypt(byte[] plaintext, SecureRandom random) {
        requireOpen();
        try {
            Cipher cipher = cipher(publicProvider, OAEP);
            cipher.init(Cipher.ENCRYPT_MODE, publicKey, hash.parameters(), random);
            return cipher.doFinal(plaintext);
        } catch (GeneralSecurityException e) {
            throw new ProviderException("RSA-OAEP encryption failed", e);
        }
    }

    /**
     * Decrypts with the private key. What is wrong with a ciphertext is always reported in the same way.
     *
     * @param ciphertext as many bytes as the modulus has
     * @return the plaintext; the caller wipes it
     * @throws BadPaddingException if it was not encrypted under this key, or not with this hash, or was changed; without a
     *     cause
     * @throws ProviderException if the provider of the private key fails
     */
    public byte[] decrypt(byte[] ciphertext) throws BadPaddingException {
        requireOpen();
        PrivateKey key = privateKey;
        Provider provider = privateProvider;
        if (key == null || provider == null) {
            throw new IllegalStateException("there is no private key");
        }
        // Both can be seen without the key. Without the first, one number would be accepted in several lengths; a token
        // answers the second with an error that could be any.
        boolean valid = ciphertext.length == modulusLength()
                && new BigInteger(1, ciphertext).compareTo(publicKey.getModulus()) < 0;
        byte[] plaintext = valid ? tryDecrypt(provider, key, ciphertext) : null;
        if (plaintext == null) {
            throw new BadPaddingException("not encrypted under this key with OAEP and " + hash.algorithm());
        }
        return plaintext;
    }

    /** The plaintext, or null when the padding is wrong. */
    private byte @Nullable [] tryDecrypt(Provider provider, PrivateKey key, byte[] ciphertext) {
        try {
            if (!offers(provider, OAEP)) {
                return unpad(new RawRsa(cipher(provider, RAW), key, modulusLength()), ciphertext);
            }
            Cipher cipher = cipher(provider, OAEP);
            cipher.init(Cipher.DECRYPT_MODE, key, hash.parameters());
            return cipher.doFinal(ciphertext);
        } catch (BadPaddingException | IllegalBlockSizeException e) {
            return null; // reported by the caller, in one way for all
        } catch (GeneralSecurityException e) {
            throw new ProviderException("RSA-OAEP decryption failed in the provider " + provider.getName(), e);
        }
    }

    private byte @Nullable [] unpad(RawRsa rsa, byte[] ciphertext) {
        OAEPEncoding oaep = new OAEPEncoding(rsa, hash.newDigest(), hash.newDigest(), new byte[0]);
        oaep.init(false, RawRsa.NO_PARAMETERS);
        try {
            return oaep.processBlock(ciphertext, 0, ciphertext.length);
        } catch (InvalidCipherTextException e) {
            return null; // reported by the caller, in one way for all
        } finally {
            rsa.wipe();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this key was closed");
        }
    }

    /** Lets go of the private key; idempotent. */
    @Override
    public void close() {
        closed = true;
        privateKey = null;
    }
}
