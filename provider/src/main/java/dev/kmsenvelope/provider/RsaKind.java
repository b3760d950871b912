package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.RsaDecryptionService;
import dev.kmsenvelope.kms.RsaDecryptionService.Padding;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.InvalidParameterSpecException;
import java.security.spec.MGF1ParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.jspecify.annotations.Nullable;

/**
 * RSA with OAEP under a handle: decrypting and unwrapping. Encrypting needs only the public key and no service.
 *
 * <p>JCA's {@code OAEPWithSHA-256AndMGF1Padding} without parameters means MGF1 with SHA-1, while key services use SHA-256 for
 * both. What one of them encrypted the other does not decrypt, so that mixture is refused when the cipher is initialized.
 *
 * @param named the hash in the name of the transformation, or null if there is none
 */
record RsaKind(@Nullable String named) implements KmsCipherSpi.Kind<KmsRsaPrivateKey> {

    private static final String SHA1 = "SHA-1";
    private static final String SHA256 = "SHA-256";

    @Override
    public Class<KmsRsaPrivateKey> keyType() {
        return KmsRsaPrivateKey.class;
    }

    @Override
    public int blockSize() {
        return 0;
    }

    @Override
    public CipherOperation start(int mode, KmsRsaPrivateKey key, @Nullable AlgorithmParameterSpec parameters)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        if (mode == Cipher.ENCRYPT_MODE || mode == Cipher.WRAP_MODE) {
            throw new InvalidKeyException(
                    "RSA encrypts and wraps with the public key, which does not need the key service:"
                            + " take it from the KeyStore by getCertificate(alias).getPublicKey()");
        }
        String hash;
        if (parameters != null) {
            hash = hash(parameters);
        } else if (SHA256.equals(named)) {
            throw new InvalidKeyException(
                    "without parameters, OAEPWithSHA-256AndMGF1Padding means MGF1 with SHA-1, which"
                            + " key services do not do; both sides must give " + constructor(SHA256));
        } else {
            hash = SHA1;
        }
        RsaDecryptionService service = key.capability(RsaDecryptionService.class, KeyUsage.ENCRYPT_DECRYPT);
        Padding padding = hash.equals(SHA256) ? Padding.RSAES_OAEP_SHA_256 : Padding.RSAES_OAEP_SHA_1;
        return new RsaDecryptOperation(key, service, padding, spec(hash));
    }

    private String hash(AlgorithmParameterSpec parameters) throws InvalidAlgorithmParameterException {
        if (!(parameters instanceof OAEPParameterSpec oaep)) {
            throw new InvalidAlgorithmParameterException("OAEP takes an OAEPParameterSpec");
        }
        if (named != null && !Hash.same(named, oaep.getDigestAlgorithm())) {
            throw new InvalidAlgorithmParameterException(
                    "the parameters are for " + oaep.getDigestAlgorithm() + ", but the transformation is for " + named);
        }
        String hash = Hash.same(SHA256, oaep.getDigestAlgorithm()) ? SHA256 : SHA1;
        boolean sameHashes = Hash.same(hash, oaep.getDigestAlgorithm())
                && oaep.getMGFAlgorithm().equalsIgnoreCase("MGF1")
                && oaep.getMGFParameters() instanceof MGF1ParameterSpec mgf
                && Hash.same(hash, mgf.getDigestAlgorithm());
        if (!sameHashes) {
            throw new InvalidAlgorithmParameterException(
                    "key services do OAEP with SHA-1 or SHA-256, and MGF1 with the same hash: " + constructor(hash));
        }
        if (!(oaep.getPSource() instanceof PSource.PSpecified label) || label.getValue().length > 0) {
            throw new InvalidAlgorithmParameterException("key services do OAEP with an empty label only");
        }
        return hash;
    }

    private static String constructor(String hash) {
        return "new OAEPParameterSpec(\"" + hash + "\", \"MGF1\", MGF1ParameterSpec." + hash.replace("-", "")
                + ", PSource.PSpecified.DEFAULT)";
    }

    private static OAEPParameterSpec spec(String hash) {
        return new OAEPParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), PSource.PSpecified.DEFAULT);
    }

    @Override
    public AlgorithmParameterSpec specOf(AlgorithmParameters parameters) throws InvalidAlgorithmParameterException {
        try {
            return parameters.getParameterSpec(OAEPParameterSpec.class);
        } catch (InvalidParameterSpecException e) {
            throw new InvalidAlgorithmParameterException("the parameters must be those of OAEP", e);
        }
    }
}
