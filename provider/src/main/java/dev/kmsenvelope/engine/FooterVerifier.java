package dev.kmsenvelope.engine;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.util.Base64;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;

/**
 * Verifies the signature that ends a message of suite 0578: ECDSA on P-384 with SHA-384 over all that precedes it, under
 * the public key that stands in the encryption context as base64 of a compressed point (SEC 1). Not thread-safe.
 */
final class FooterVerifier {

    static final String PUBLIC_KEY = "aws-crypto-public-key";

    private static final String CURVE = "secp384r1";
    private static final int COMPRESSED_LENGTH = 1 + 384 / 8;

    private final Signature signature;

    FooterVerifier(MessageHeader header) throws InvalidMessageException {
        String encoded = header.context().asMap().get(PUBLIC_KEY);
        if (encoded == null) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, "a signed message without " + PUBLIC_KEY + " in its encryption context");
        }
        try {
            signature = Signature.getInstance("SHA384withECDSA", "SunEC");
            signature.initVerify(publicKey(Base64.getDecoder().decode(encoded)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, PUBLIC_KEY + " in the encryption context is not a compressed point on P-384", e);
        }
    }

    private static PublicKey publicKey(byte[] compressed) throws GeneralSecurityException {
        if (compressed.length != COMPRESSED_LENGTH || (compressed[0] != 2 && compressed[0] != 3)) {
            throw new InvalidKeySpecException(
                    "a compressed point has " + COMPRESSED_LENGTH + " bytes and starts with 02 or 03");
        }
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC", "SunEC");
        parameters.init(new ECGenParameterSpec(CURVE));
        var point = ECNamedCurveTable.getByName(CURVE)
                .getCurve()
                .decodePoint(compressed)
                .normalize();
        return KeyFactory.getInstance("EC", "SunEC")
                .generatePublic(new ECPublicKeySpec(
                        new ECPoint(
                                point.getAffineXCoord().toBigInteger(),
                                point.getAffineYCoord().toBigInteger()),
                        parameters.getParameterSpec(ECParameterSpec.class)));
    }

    void update(byte[] in, int offset, int length) {
        try {
            signature.update(in, offset, length);
        } catch (SignatureException e) {
            throw new IllegalStateException("the signature is initialized", e);
        }
    }

    void verify(byte[] in, int offset, int length) throws InvalidMessageException {
        boolean valid;
        try {
            valid = signature.verify(in, offset, length);
        } catch (SignatureException e) {
            throw new InvalidMessageException(Reason.NOT_AUTHENTIC, "the signature is not a DER-encoded one", e);
        }
        if (!valid) {
            throw new InvalidMessageException(Reason.NOT_AUTHENTIC, "the signature is not valid");
        }
    }
}
