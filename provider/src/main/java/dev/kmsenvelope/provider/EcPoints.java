package dev.kmsenvelope.provider;

import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPublicKeySpec;
import java.util.List;
import org.bouncycastle.jcajce.provider.asymmetric.util.EC5Util;

/** Public keys of the other side: whether they are on our curve, and in the encoding that names it. */
final class EcPoints {

    private EcPoints() {}

    static boolean sameCurve(ECParameterSpec one, ECParameterSpec other) {
        return one.getCurve().getField().equals(other.getCurve().getField())
                && one.getCurve().getA().equals(other.getCurve().getA())
                && one.getCurve().getB().equals(other.getCurve().getB())
                && one.getGenerator().equals(other.getGenerator())
                && one.getOrder().equals(other.getOrder())
                && one.getCofactor() == other.getCofactor();
    }

    /** The other side's SubjectPublicKeyInfo. A point that is not on the curve would give the private key away. */
    static byte[] encode(ECPublicKey theirs, ECParameterSpec curve) throws InvalidKeyException {
        if (theirs.getParams() == null || !sameCurve(theirs.getParams(), curve)) {
            throw new InvalidKeyException("the public key is on another curve");
        }
        try {
            if (!EC5Util.convertPoint(curve, theirs.getW()).isValid()) {
                throw new InvalidKeyException("the public key is no point of its curve");
            }
            return OtherProviders.preferred(
                    "KeyFactory",
                    "EC",
                    List.of("SunEC"),
                    provider -> KeyFactory.getInstance("EC", provider)
                            .generatePublic(new ECPublicKeySpec(theirs.getW(), curve))
                            .getEncoded());
        } catch (IllegalArgumentException e) {
            throw new InvalidKeyException("the public key is no point of its curve", e);
        }
    }
}
