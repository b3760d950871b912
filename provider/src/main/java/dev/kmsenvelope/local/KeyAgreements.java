package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.SecretBytes;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import javax.crypto.KeyAgreement;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;

/** Elliptic curve Diffie-Hellman on the NIST curves, by SunEC. */
final class KeyAgreements {

    private static final String EC_PROVIDER = "SunEC";

    private KeyAgreements() {}

    /**
     * The shared secret. The other side's key is checked as SP 800-56A, section 5.6.2.3.3 asks: a named curve, the same one;
     * coordinates in range, on the curve, not at infinity. The curves have cofactor 1, so no more is needed for a point of
     * the right order.
     *
     * @param spec the kind of our key
     * @param privateKey its PrivateKeyInfo
     * @param publicKey the other side's SubjectPublicKeyInfo
     * @return the x-coordinate, which the caller closes
     * @throws IllegalArgumentException if that is no public key on the same curve
     */
    static SecretBytes derive(KeySpec spec, byte[] privateKey, byte[] publicKey) throws GeneralSecurityException {
        byte[] checked = check(spec, publicKey);
        PublicKey theirs = KeyFactory.getInstance("EC", EC_PROVIDER).generatePublic(new X509EncodedKeySpec(checked));
        PrivateKey ours = KeyPairs.forJdk(spec, privateKey);
        try {
            KeyAgreement agreement = KeyAgreement.getInstance("ECDH", EC_PROVIDER);
            agreement.init(ours);
            agreement.doPhase(theirs, true);
            return SecretBytes.owning(agreement.generateSecret());
        } finally {
            KeyPairs.destroy(ours);
        }
    }

    /** The key with its point not compressed, which is the only form that the JDK takes. */
    private static byte[] check(KeySpec spec, byte[] publicKey) {
        try {
            AsymmetricKeyParameter point = PublicKeyFactory.createKey(KeyPairs.publicKey(spec, publicKey));
            return SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(point).getEncoded();
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("what shall be agreed with is no public key of kind " + spec, e);
        }
    }
}
