package dev.kmsenvelope.testing;

import java.io.Serial;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.IllegalBlockSizeException;

/** A provider as SunPKCS11 is one for RSA: raw, without OAEP. SunJCE does the work; it can be made to fail. */
public final class RawRsaProvider extends Provider {

    @Serial
    private static final long serialVersionUID = 1L;

    /** How many decryptions there were. */
    public int decryptions;

    /** Whether every decryption fails, as it does when a token was pulled out. */
    public boolean failing;

    /** Offers the transformation of that name only. */
    public RawRsaProvider(String transformation) {
        super("RawRsa", "1", "raw RSA");
        putService(new Service(this, "Cipher", transformation, RawCipher.class.getName(), null, null) {
            @Override
            public Object newInstance(Object parameter) {
                return new RawCipher(RawRsaProvider.this);
            }
        });
    }

    private static final class RawCipher extends CipherSpi {

        private final RawRsaProvider provider;
        private final Cipher cipher;

        RawCipher(RawRsaProvider provider) {
            this.provider = provider;
            try {
                this.cipher = Cipher.getInstance("RSA/ECB/NoPadding", "SunJCE");
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        protected void engineInit(int mode, Key key, SecureRandom random) throws InvalidKeyException {
            cipher.init(mode, key);
        }

        @Override
        protected byte[] engineDoFinal(byte[] in, int offset, int length)
                throws IllegalBlockSizeException, BadPaddingException {
            provider.decryptions++;
            if (provider.failing) {
                throw new ProviderException("CKR_DEVICE_REMOVED");
            }
            return cipher.doFinal(in, offset, length);
        }

        @Override
        protected int engineGetBlockSize() {
            return 0;
        }

        @Override
        protected int engineGetOutputSize(int length) {
            return cipher.getOutputSize(length);
        }

        @Override
        protected byte[] engineGetIV() {
            return null;
        }

        @Override
        protected AlgorithmParameters engineGetParameters() {
            return null;
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
        protected void engineInit(int mode, Key key, AlgorithmParameterSpec parameters, SecureRandom random) {
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
        protected int engineDoFinal(byte[] in, int offset, int length, byte[] out, int outOffset) {
            throw new UnsupportedOperationException();
        }
    }
}
