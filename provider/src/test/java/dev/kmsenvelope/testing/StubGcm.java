package dev.kmsenvelope.testing;

import java.io.Serial;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;

/**
 * An AES-GCM provider that lets SunJCE work, remembers each key with each nonce that it encrypts with, and fails when it is
 * told to: after the work, with the result in the output already.
 */
public final class StubGcm extends Provider {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Key and nonce of each encryption, in hexadecimal, in the order in which they began. */
    public final transient List<String> encryptions = Collections.synchronizedList(new ArrayList<>());

    /** Counts down with each call; the call that finds 0 fails. */
    public int callsUntilFailure = Integer.MAX_VALUE;

    /** Runs within each call, before the result is there. */
    public transient Runnable duringCalls = () -> {};

    public StubGcm() {
        super("StubGcm", "1", "SunJCE under observation");
        putService(new Service(this, "Cipher", "AES/GCM/NoPadding", StubCipher.class.getName(), null, null) {
            @Override
            public Object newInstance(Object parameter) {
                return new StubCipher(StubGcm.this);
            }
        });
    }

    /** The nonces of all encryptions; fails when a key met the same nonce twice. */
    public Set<String> distinctEncryptions() {
        Set<String> distinct = new TreeSet<>(encryptions);
        if (distinct.size() != encryptions.size()) {
            throw new AssertionError("a nonce was used twice under one key");
        }
        return distinct;
    }

    private static final class StubCipher extends CipherSpi {

        private final StubGcm stub;
        private final Cipher cipher;

        StubCipher(StubGcm stub) {
            this.stub = stub;
            try {
                this.cipher = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        protected void engineInit(int mode, Key key, AlgorithmParameterSpec parameters, SecureRandom random)
                throws InvalidKeyException, InvalidAlgorithmParameterException {
            if (mode == Cipher.ENCRYPT_MODE) {
                stub.encryptions.add(HexFormat.of().formatHex(key.getEncoded()) + " "
                        + HexFormat.of().formatHex(((GCMParameterSpec) parameters).getIV()));
            }
            cipher.init(mode, key, parameters);
        }

        @Override
        protected void engineUpdateAAD(byte[] in, int offset, int length) {
            cipher.updateAAD(in, offset, length);
        }

        @Override
        protected int engineDoFinal(byte[] in, int offset, int length, byte[] out, int outOffset)
                throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
            stub.duringCalls.run();
            int written = cipher.doFinal(in, offset, length, out, outOffset);
            synchronized (stub) {
                if (stub.callsUntilFailure-- == 0) {
                    throw new IllegalStateException("the stub was told to fail");
                }
            }
            return written;
        }

        @Override
        protected int engineGetOutputSize(int length) {
            return cipher.getOutputSize(length);
        }

        @Override
        protected int engineGetBlockSize() {
            return 16;
        }

        @Override
        protected byte[] engineGetIV() {
            return cipher.getIV();
        }

        @Override
        protected void engineSetMode(String mode) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void engineSetPadding(String padding) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected AlgorithmParameters engineGetParameters() {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void engineInit(int mode, Key key, SecureRandom random) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void engineInit(int mode, Key key, AlgorithmParameters parameters, SecureRandom random) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected byte[] engineUpdate(byte[] in, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected int engineUpdate(byte[] in, int offset, int length, byte[] out, int outOffset) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected byte[] engineDoFinal(byte[] in, int offset, int length) {
            throw new UnsupportedOperationException();
        }
    }
}
