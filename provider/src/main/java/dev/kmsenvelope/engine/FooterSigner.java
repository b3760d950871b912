package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.kms.EncryptionContext;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.util.Base64;
import java.util.Map;
import javax.security.auth.DestroyFailedException;
import org.bouncycastle.util.BigIntegers;

/**
 * Signs one message with a key pair that is made for it and used for nothing else. Key and signature draw from the operating
 * system: a virtual machine that is restored twice must not sign two texts with one ECDSA nonce, which would give the private
 * key away (RULES 17). Not thread-safe.
 */
final class FooterSigner implements AutoCloseable {

    private static final int LENGTH_FIELD = 2;

    private final FooterAlgorithm algorithm;
    private final PrivateKey privateKey;
    private final String publicKey;
    private final Signature signature;

    private FooterSigner(FooterAlgorithm algorithm, KeyPair pair, Signature signature) {
        this.algorithm = algorithm;
        this.privateKey = pair.getPrivate();
        this.publicKey = Base64.getEncoder().encodeToString(compressed(algorithm, (ECPublicKey) pair.getPublic()));
        this.signature = signature;
    }

    /** Makes a key pair for a message of a signed suite. */
    static FooterSigner create(AlgorithmSuite suite) {
        FooterAlgorithm algorithm = FooterAlgorithm.of(suite);
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", FooterAlgorithm.PROVIDER);
            generator.initialize(new ECGenParameterSpec(algorithm.curve()), OsRandom.create());
            KeyPair pair = generator.generateKeyPair();
            Signature signature = Signature.getInstance(algorithm.signature(), FooterAlgorithm.PROVIDER);
            signature.initSign(pair.getPrivate(), OsRandom.create());
            return new FooterSigner(algorithm, pair, signature);
        } catch (GeneralSecurityException e) {
            throw new ProviderException("signed messages need the JDK's provider SunEC", e);
        }
    }

    private static byte[] compressed(FooterAlgorithm algorithm, ECPublicKey key) {
        ECPoint point = key.getW();
        return ByteBuffer.allocate(1 + algorithm.coordinateLength())
                .put((byte) (point.getAffineY().testBit(0) ? 3 : 2))
                .put(BigIntegers.asUnsignedByteArray(algorithm.coordinateLength(), point.getAffineX()))
                .array();
    }

    /** The context that the message has: with the public key, which the data key is bound to as well. */
    EncryptionContext addTo(EncryptionContext context) {
        return context.plus(EncryptionContext.ofMessage(Map.of(FooterAlgorithm.PUBLIC_KEY, publicKey)));
    }

    /** How long the footer is at most. */
    int maxLength() {
        return LENGTH_FIELD + algorithm.maxLength();
    }

    /** Takes the message in the order in which it is written. */
    void update(byte[] in, int offset, int length) {
        try {
            signature.update(in, offset, length);
        } catch (SignatureException e) {
            throw new IllegalStateException("the signature is initialized", e);
        }
    }

    /** Writes the footer; returns its length. */
    int write(byte[] out, int at) {
        try {
            int length = signature.sign(out, at + LENGTH_FIELD, out.length - at - LENGTH_FIELD);
            out[at] = (byte) (length >> 8);
            out[at + 1] = (byte) length;
            return LENGTH_FIELD + length;
        } catch (SignatureException e) {
            throw new ProviderException("signing the message failed", e);
        }
    }

    /** Has the private key wiped if the JDK can; idempotent. */
    @Override
    public void close() {
        try {
            if (!privateKey.isDestroyed()) {
                privateKey.destroy();
            }
        } catch (DestroyFailedException e) {
            // The JDK's keys refuse; nothing refers to this one when the message is let go of.
        }
    }
}
