package dev.kmsenvelope.engine;

import dev.kmsenvelope.format.HeaderScanner;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import java.io.IOException;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the signature that ends a signed message, as {@link FooterAlgorithm} says, under the public key that stands in
 * the encryption context. A signature is two positive integers in DER and in no other encoding. Not thread-safe.
 */
final class FooterVerifier {

    private final FooterAlgorithm algorithm;
    private final Signature signature;

    /** What verifies a message with that header, which it takes first; null if the message is not signed. */
    static @Nullable FooterVerifier of(MessageHeader header, HeaderScanner scanner) throws InvalidMessageException {
        if (header.suite().isSigned()) {
            FooterVerifier verifier = new FooterVerifier(header);
            byte[] withTag = scanner.withTag();
            verifier.update(withTag, 0, withTag.length);
            return verifier;
        }
        if (header.context().containsName(FooterAlgorithm.PUBLIC_KEY)) {
            throw new InvalidMessageException(
                    Reason.MALFORMED,
                    "an unsigned message with " + FooterAlgorithm.PUBLIC_KEY + " in its encryption context");
        }
        return null;
    }

    private FooterVerifier(MessageHeader header) throws InvalidMessageException {
        algorithm = FooterAlgorithm.of(header.suite());
        String encoded = header.context().asMap().get(FooterAlgorithm.PUBLIC_KEY);
        if (encoded == null) {
            throw new InvalidMessageException(
                    Reason.MALFORMED,
                    "a signed message without " + FooterAlgorithm.PUBLIC_KEY + " in its encryption context");
        }
        try {
            signature = Signature.getInstance(algorithm.signature(), FooterAlgorithm.PROVIDER);
            signature.initVerify(publicKey(Base64.getDecoder().decode(encoded)));
        } catch (NoSuchAlgorithmException | NoSuchProviderException e) {
            throw new ProviderException("signed messages need the JDK's provider SunEC", e);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new InvalidMessageException(
                    Reason.MALFORMED,
                    FooterAlgorithm.PUBLIC_KEY + " in the encryption context is not a compressed point on "
                            + algorithm.curve(),
                    e);
        }
    }

    private PublicKey publicKey(byte[] compressed) throws GeneralSecurityException {
        int length = 1 + algorithm.coordinateLength();
        if (compressed.length != length || (compressed[0] != 2 && compressed[0] != 3)) {
            throw new InvalidKeySpecException("a compressed point has " + length + " bytes and starts with 02 or 03");
        }
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC", FooterAlgorithm.PROVIDER);
        parameters.init(new ECGenParameterSpec(algorithm.curve()));
        var point = ECNamedCurveTable.getByName(algorithm.curve())
                .getCurve()
                .decodePoint(compressed)
                .normalize();
        return KeyFactory.getInstance("EC", FooterAlgorithm.PROVIDER)
                .generatePublic(new ECPublicKeySpec(
                        new ECPoint(
                                point.getAffineXCoord().toBigInteger(),
                                point.getAffineYCoord().toBigInteger()),
                        parameters.getParameterSpec(ECParameterSpec.class)));
    }

    /** How long a signature is at most. */
    int maxLength() {
        return algorithm.maxLength();
    }

    void update(byte[] in, int offset, int length) {
        try {
            signature.update(in, offset, length);
        } catch (SignatureException e) {
            throw new IllegalStateException("the signature is initialized", e);
        }
    }

    void verify(byte[] in, int offset, int length) throws InvalidMessageException {
        byte[] encoded = Arrays.copyOfRange(in, offset, offset + length);
        boolean valid;
        try {
            valid = isDer(encoded) && signature.verify(encoded);
        } catch (SignatureException e) {
            throw new InvalidMessageException(Reason.NOT_AUTHENTIC, "the signature is not a DER-encoded one", e);
        }
        if (!valid) {
            throw new InvalidMessageException(Reason.NOT_AUTHENTIC, "the signature is not valid");
        }
    }

    /** The JDK's own reader takes a negative integer for a positive one, so that a signature would have several encodings. */
    private static boolean isDer(byte[] encoded) {
        try {
            ASN1Sequence pair = ASN1Sequence.getInstance(encoded);
            if (pair.size() != 2) {
                return false;
            }
            BigInteger r = ASN1Integer.getInstance(pair.getObjectAt(0)).getValue();
            BigInteger s = ASN1Integer.getInstance(pair.getObjectAt(1)).getValue();
            byte[] again = new DERSequence(new ASN1Integer[] {new ASN1Integer(r), new ASN1Integer(s)})
                    .getEncoded(ASN1Encoding.DER);
            return r.signum() > 0 && s.signum() > 0 && Arrays.equals(again, encoded);
        } catch (IllegalArgumentException | IOException e) {
            return false;
        }
    }
}
