package dev.kmsenvelope.cli.keystore;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.KeyAgreement;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Whether a private key and a public one are of one pair: what the one signs, the other verifies. */
final class KeyMatch {

    private static final int TEXT_LENGTH = 32;

    private KeyMatch() {}

    /**
     * Tries both.
     *
     * @return whether they belong together; empty if they are of a kind that this program cannot try
     */
    static Optional<Boolean> of(PrivateKey privateKey, PublicKey publicKey) {
        Provider provider = new BouncyCastleProvider();
        byte[] encoded = privateKey.getEncoded();
        if (encoded == null) {
            return Optional.empty();
        }
        try {
            PrivateKey ours = BouncyCastleProvider.getPrivateKey(PrivateKeyInfo.getInstance(encoded));
            PublicKey theirs =
                    BouncyCastleProvider.getPublicKey(SubjectPublicKeyInfo.getInstance(publicKey.getEncoded()));
            if (ours == null || theirs == null) {
                return Optional.empty();
            }
            if (!ours.getAlgorithm().equals(theirs.getAlgorithm())) {
                return Optional.of(false);
            }
            return isAgreement(ours.getAlgorithm())
                    ? Optional.of(agree(provider, ours, theirs))
                    : signature(ours.getAlgorithm()).isEmpty()
                            ? Optional.empty()
                            : Optional.of(sign(
                                    provider, signature(ours.getAlgorithm()).get(), ours, theirs));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            return Optional.of(false);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    private static Optional<String> signature(String algorithm) {
        if (algorithm.startsWith("ML-DSA")) {
            return Optional.of("ML-DSA");
        }
        return switch (algorithm) {
            case "RSA" -> Optional.of("SHA256withRSA");
            case "RSASSA-PSS" -> Optional.of("SHA256withRSAandMGF1");
            case "EC", "ECDSA" -> Optional.of("SHA256withECDSA");
            case "DSA" -> Optional.of("SHA256withDSA");
            case "Ed25519", "Ed448" -> Optional.of(algorithm);
            default -> Optional.empty();
        };
    }

    private static boolean isAgreement(String algorithm) {
        return algorithm.equals("X25519") || algorithm.equals("X448");
    }

    private static boolean sign(Provider provider, String algorithm, PrivateKey ours, PublicKey theirs)
            throws GeneralSecurityException {
        byte[] text = new byte[TEXT_LENGTH];
        new SecureRandom().nextBytes(text);
        Signature signer = Signature.getInstance(algorithm, provider);
        signer.initSign(ours);
        signer.update(text);
        byte[] signed = signer.sign();
        signer.initVerify(theirs);
        signer.update(text);
        return signer.verify(signed);
    }

    private static boolean agree(Provider provider, PrivateKey ours, PublicKey theirs) throws GeneralSecurityException {
        KeyPair other =
                KeyPairGenerator.getInstance(ours.getAlgorithm(), provider).generateKeyPair();
        byte[] one = agreed(provider, ours, other.getPublic());
        byte[] two = agreed(provider, other.getPrivate(), theirs);
        return Arrays.equals(one, two); // both are forgotten at once, and protect nothing
    }

    private static byte[] agreed(Provider provider, PrivateKey one, PublicKey other) throws GeneralSecurityException {
        KeyAgreement agreement = KeyAgreement.getInstance(one.getAlgorithm(), provider);
        agreement.init(one);
        agreement.doPhase(other, true);
        return agreement.generateSecret();
    }
}
