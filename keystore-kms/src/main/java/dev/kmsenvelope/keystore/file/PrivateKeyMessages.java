package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.EnvelopeChannels;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.text.Quoted;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.UnrecoverableKeyException;
import java.util.Arrays;
import java.util.Map;
import javax.crypto.AEADBadTagException;

/**
 * Private keys as messages of the AWS Encryption SDK, one each, under one key of the main service, whose context says which
 * entry they are of. No data key is kept for them: what is decrypted once is kept as the private key that it is.
 */
final class PrivateKeyMessages {

    private static final Configuration NO_CACHE = Configuration.of(Map.of("cache.max-age", "0s"));

    private final KmsSecretKey key;

    PrivateKeyMessages(KeyServices services, KeyId key) {
        this.key = KmsSecretKey.of(services, KeyReference.ofMain(key), KeyPolicy.of(NO_CACHE, key));
    }

    byte[] encrypt(byte[] encoded, EncryptionContext context) throws InvalidKeyException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        try {
            with(context).encrypt(new ByteArrayInputStream(encoded), message);
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return message.toByteArray();
    }

    /** Gives nothing before all was verified, and wipes what it does not give. */
    byte[] decrypt(String alias, byte[] message, EncryptionContext context) throws UnrecoverableKeyException {
        try (Plaintext plaintext = new Plaintext(message.length)) {
            with(context).decrypt(new ByteArrayInputStream(message), plaintext);
            return plaintext.copy();
        } catch (AEADBadTagException e) {
            throw PrivateKeyForms.unrecoverable(
                    "the private key " + Quoted.of(alias)
                            + " does not decrypt: it was changed, or is of another entry, file or key",
                    e);
        } catch (IOException | InvalidKeyException e) {
            throw new IllegalStateException("decrypting in memory failed", e);
        }
    }

    private EnvelopeChannels with(EncryptionContext context) {
        try {
            return EnvelopeChannels.of(key)
                    .with(EnvelopeParameterSpec.builder()
                            .context(context.asMap())
                            .build());
        } catch (InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("nothing is configured that a context could contradict", e);
        }
    }

    /** A message is longer than its plaintext, so this never grows and leaves no copies behind. */
    private static final class Plaintext extends OutputStream {

        private final byte[] bytes;
        private int length;

        Plaintext(int max) {
            this.bytes = new byte[max];
        }

        byte[] copy() {
            return Arrays.copyOf(bytes, length);
        }

        @Override
        public void write(int value) {
            bytes[length++] = (byte) value;
        }

        @Override
        public void write(byte[] from, int offset, int count) {
            System.arraycopy(from, offset, bytes, length, count);
            length += count;
        }

        @Override
        public void close() {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
