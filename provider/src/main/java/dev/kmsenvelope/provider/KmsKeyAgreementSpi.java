package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeyAgreementService;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.KeyAgreement;
import javax.crypto.KeyAgreementSpi;
import javax.crypto.SecretKey;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * {@code ECDH}. Under a handle the service derives the shared secret; any other key is given to the first other provider that
 * takes it, as if this provider were not there. Not thread-safe, as any KeyAgreement object.
 */
final class KmsKeyAgreementSpi extends KeyAgreementSpi {

    private static final String ALGORITHM = "ECDH";

    private @Nullable KmsEcPrivateKey key;
    private @Nullable KeyAgreementService service;
    private byte @Nullable [] theirKey;
    private @Nullable KeyAgreement passedThrough;

    @Override
    protected void engineInit(Key newKey, @Nullable SecureRandom random) throws InvalidKeyException {
        try {
            init(newKey, null, agreement -> agreement.init(newKey, random));
        } catch (InvalidAlgorithmParameterException e) {
            throw new InvalidKeyException(e.getMessage(), e);
        }
    }

    @Override
    protected void engineInit(Key newKey, @Nullable AlgorithmParameterSpec parameters, @Nullable SecureRandom random)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        init(newKey, parameters, agreement -> agreement.init(newKey, parameters, random));
    }

    private interface Initialization {
        void init(KeyAgreement agreement) throws InvalidKeyException, InvalidAlgorithmParameterException;
    }

    private void init(Key newKey, @Nullable AlgorithmParameterSpec parameters, Initialization initialization)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        key = null;
        service = null;
        theirKey = null;
        passedThrough = null;
        if (!(newKey instanceof KmsEcPrivateKey handle)) {
            passedThrough = OtherProviders.firstFor("KeyAgreement", ALGORITHM, newKey, provider -> {
                KeyAgreement agreement = KeyAgreement.getInstance(ALGORITHM, provider);
                initialization.init(agreement);
                return agreement;
            });
            return;
        }
        if (parameters != null) {
            throw new InvalidAlgorithmParameterException("ECDH takes no parameters");
        }
        service = handle.capability(KeyAgreementService.class, KeyUsage.KEY_AGREEMENT);
        key = handle;
    }

    @Override
    protected @Nullable Key engineDoPhase(Key other, boolean lastPhase) throws InvalidKeyException {
        if (passedThrough != null) {
            return passedThrough.doPhase(other, lastPhase);
        }
        if (key == null) {
            throw new IllegalStateException("the key agreement is not initialized");
        }
        if (theirKey != null) {
            throw new IllegalStateException("there was a phase already");
        }
        if (!lastPhase) {
            throw new IllegalStateException("there are two parties, so the first phase is the last");
        }
        if (!(other instanceof ECPublicKey theirs)) {
            throw new InvalidKeyException("ECDH is done with an elliptic curve public key");
        }
        theirKey = EcPoints.encode(theirs, key.getParams());
        return null;
    }

    @Override
    protected byte[] engineGenerateSecret() {
        if (passedThrough != null) {
            return passedThrough.generateSecret();
        }
        byte[] theirs = requirePhase();
        if (key == null || service == null) {
            throw new IllegalStateException("the key agreement is not initialized");
        }
        theirKey = null;
        try (SecretBytes secret = service.deriveSharedSecret(key.id(), theirs)) {
            return secret.copy();
        }
    }

    private byte[] requirePhase() {
        if (theirKey == null) {
            throw new IllegalStateException("the other side's public key was not given: call doPhase first");
        }
        return theirKey;
    }

    @Override
    protected int engineGenerateSecret(byte[] out, int offset) throws ShortBufferException {
        if (passedThrough != null) {
            return passedThrough.generateSecret(out, offset);
        }
        requirePhase();
        int length = key == null ? 0 : (key.getParams().getCurve().getField().getFieldSize() + 7) / Byte.SIZE;
        if (out.length - offset < length) {
            throw new ShortBufferException("the secret has " + length + " bytes");
        }
        byte[] secret = engineGenerateSecret();
        try {
            System.arraycopy(secret, 0, out, offset, secret.length);
            return secret.length;
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /** As the JDK's: the raw secret may not pass as a key of an algorithm, for it is not evenly distributed. */
    @Override
    protected SecretKey engineGenerateSecret(String algorithm) throws NoSuchAlgorithmException, InvalidKeyException {
        if (passedThrough != null) {
            return passedThrough.generateSecret(algorithm);
        }
        if (!algorithm.equals("TlsPremasterSecret") && !algorithm.equals("Generic")) {
            throw new NoSuchAlgorithmException(
                    "the secret can be a TlsPremasterSecret or Generic; derive keys from it");
        }
        byte[] secret = engineGenerateSecret();
        try {
            return new SecretKeySpec(secret, algorithm);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
