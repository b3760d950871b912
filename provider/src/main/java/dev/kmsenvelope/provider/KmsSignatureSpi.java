package dev.kmsenvelope.provider;

import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every signature of this provider. A handle is signed with in the service; any other key, and every public key, is given to
 * the first other provider that takes it, as if this provider were not there. Not thread-safe, as any signature object.
 */
final class KmsSignatureSpi extends SignatureSpi {

    private final String algorithm;
    private final SignatureKind kind;

    /** Given before the key, or with it; null if none. */
    private @Nullable AlgorithmParameterSpec parameters;

    private @Nullable KmsPrivateKey key;
    private @Nullable SigningOperation operation;
    private @Nullable Signature passedThrough;

    /** Whether that is one under the other name of the kind. */
    private boolean otherName;

    KmsSignatureSpi(String algorithm) {
        this.algorithm = algorithm;
        this.kind = SignatureKind.of(algorithm);
    }

    @Override
    protected void engineInitSign(PrivateKey privateKey) throws InvalidKeyException {
        engineInitSign(privateKey, null);
    }

    @Override
    protected void engineInitSign(PrivateKey privateKey, @Nullable SecureRandom random) throws InvalidKeyException {
        if (!(privateKey instanceof KmsPrivateKey handle)) {
            passThrough(privateKey, signature -> {
                if (random == null) {
                    signature.initSign(privateKey);
                } else {
                    signature.initSign(privateKey, random);
                }
            });
            return;
        }
        reset();
        try {
            operation = kind.start(handle, parameters);
            key = handle;
        } catch (InvalidAlgorithmParameterException e) {
            throw new InvalidKeyException(
                    "the parameters do not go with the key " + handle.id() + ": " + e.getMessage(), e);
        }
    }

    @Override
    protected void engineInitVerify(PublicKey publicKey) throws InvalidKeyException {
        passThrough(publicKey, signature -> signature.initVerify(publicKey));
    }

    private interface Initialization {
        void init(Signature signature) throws InvalidKeyException;
    }

    private void passThrough(java.security.Key other, Initialization initialization) throws InvalidKeyException {
        reset();
        try {
            List<OtherProviders.Way<Signature>> ways = new ArrayList<>();
            ways.add(way(algorithm, spec -> spec, initialization));
            if (kind.otherName() != null) {
                ways.add(way(kind.otherName(), kind::underOtherName, initialization));
            }
            passedThrough = OtherProviders.firstFor(other, ways);
            otherName = passedThrough.getAlgorithm().equals(kind.otherName());
        } catch (InvalidAlgorithmParameterException e) {
            throw new InvalidKeyException("the parameters do not go with the key: " + e.getMessage(), e);
        }
    }

    private interface Translation {
        @Nullable
        AlgorithmParameterSpec of(@Nullable AlgorithmParameterSpec given) throws InvalidAlgorithmParameterException;
    }

    private OtherProviders.Way<Signature> way(String name, Translation translation, Initialization initialization) {
        return new OtherProviders.Way<>("Signature", name, provider -> {
            Signature signature = Signature.getInstance(name, provider);
            AlgorithmParameterSpec translated = translation.of(parameters);
            if (translated != null) {
                signature.setParameter(translated);
            }
            initialization.init(signature);
            return signature;
        });
    }

    private void reset() {
        key = null;
        operation = null;
        passedThrough = null;
    }

    private SigningOperation operation() throws SignatureException {
        if (operation == null) {
            throw new SignatureException("the signature object is not initialized for this");
        }
        return operation;
    }

    @Override
    protected void engineUpdate(byte in) throws SignatureException {
        engineUpdate(new byte[] {in}, 0, 1);
    }

    @Override
    protected void engineUpdate(byte[] in, int offset, int length) throws SignatureException {
        if (passedThrough != null) {
            passedThrough.update(in, offset, length);
        } else {
            operation().update(in, offset, length);
        }
    }

    @Override
    protected void engineUpdate(ByteBuffer in) {
        try {
            if (passedThrough != null) {
                passedThrough.update(in);
                return;
            }
            byte[] copy = new byte[in.remaining()];
            in.get(copy);
            operation().update(copy, 0, copy.length);
        } catch (SignatureException e) {
            throw new ProviderException(e.getMessage(), e);
        }
    }

    @Override
    protected byte[] engineSign() throws SignatureException {
        return passedThrough != null ? passedThrough.sign() : operation().sign();
    }

    @Override
    protected int engineSign(byte[] out, int offset, int length) throws SignatureException {
        if (passedThrough != null) {
            return passedThrough.sign(out, offset, length);
        }
        byte[] signature = operation().sign();
        if (signature.length > length) {
            throw new SignatureException(
                    "the signature has " + signature.length + " bytes; there is room for " + length);
        }
        System.arraycopy(signature, 0, out, offset, signature.length);
        return signature.length;
    }

    @Override
    protected boolean engineVerify(byte[] signature) throws SignatureException {
        return engineVerify(signature, 0, signature.length);
    }

    @Override
    protected boolean engineVerify(byte[] signature, int offset, int length) throws SignatureException {
        if (passedThrough == null) {
            throw new SignatureException("the signature object is not initialized for verification");
        }
        return passedThrough.verify(signature, offset, length);
    }

    /** Before a key is known, anything may be right: which provider will do the work is not known either. */
    @Override
    protected void engineSetParameter(@Nullable AlgorithmParameterSpec spec) throws InvalidAlgorithmParameterException {
        if (passedThrough != null) {
            passedThrough.setParameter(otherName ? kind.underOtherName(spec) : spec);
        } else if (operation != null && key != null) {
            if (operation.begun()) {
                throw new ProviderException("parameters cannot be set in the middle of a message");
            }
            try {
                operation = kind.start(key, spec);
            } catch (InvalidKeyException e) {
                throw new InvalidAlgorithmParameterException(e.getMessage(), e);
            }
        } else if (spec == null && algorithm.equals("RSASSA-PSS")) {
            throw new InvalidAlgorithmParameterException("the parameters of RSASSA-PSS cannot be null");
        }
        parameters = spec;
    }

    @Override
    protected @Nullable AlgorithmParameters engineGetParameters() {
        if (passedThrough != null) {
            return passedThrough.getParameters();
        }
        if (operation != null) {
            return operation.parameters();
        }
        if (parameters instanceof PSSParameterSpec pss) {
            return DigestSigning.encodable(pss);
        }
        return null;
    }

    @Override
    @Deprecated
    protected void engineSetParameter(String name, Object value) {
        throw new InvalidParameterException("there are no parameters with names");
    }

    @Override
    @Deprecated
    protected Object engineGetParameter(String name) {
        throw new InvalidParameterException("there are no parameters with names");
    }
}
