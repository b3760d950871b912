package dev.kmsenvelope.benchmarks.layers;

import dev.kmsenvelope.benchmarks.contenders.MemoryKeyService;
import dev.kmsenvelope.provider.EnvelopeChannels;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Map;
import javax.crypto.Cipher;

/**
 * A message that is encrypted and decrypted again and again, with data keys out of the cache: in one call into an array that is
 * used again, or from stream to stream. Not thread-safe.
 */
public final class LayeredMessage implements AutoCloseable {

    private static final int SLACK = 1024;

    private final MemoryKeyService service = new MemoryKeyService();
    private final KmsSecretKey handle;
    private final Cipher cipher;
    private final EnvelopeChannels channels;
    private final byte[] plaintext;
    private final byte[] message;
    private final byte[] out;

    /**
     * Makes a key and a message.
     *
     * @param layers how it is encrypted
     * @param size plaintext bytes
     * @param settings of the key, besides those of the layers
     * @throws GeneralSecurityException if it cannot be encrypted so here
     */
    public LayeredMessage(Layers layers, int size, Map<String, String> settings) throws GeneralSecurityException {
        handle = layers.handle(service, settings);
        cipher = Cipher.getInstance(layers.transformation(), new KmsEnvelopeProvider());
        channels = EnvelopeChannels.of(handle).format(layers.format());
        plaintext = new byte[size];
        new SecureRandom().nextBytes(plaintext);
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        message = cipher.doFinal(plaintext);
        out = new byte[message.length + SLACK];
    }

    /**
     * Encrypts it in one call.
     *
     * @return the length of the message
     * @throws GeneralSecurityException if that fails
     */
    public int encrypt() throws GeneralSecurityException {
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        return cipher.doFinal(plaintext, 0, plaintext.length, out, 0);
    }

    /**
     * Decrypts it in one call.
     *
     * @return the length of the plaintext
     * @throws GeneralSecurityException if that fails
     */
    public int decrypt() throws GeneralSecurityException {
        cipher.init(Cipher.DECRYPT_MODE, handle);
        return cipher.doFinal(message, 0, message.length, out, 0);
    }

    /**
     * Encrypts it from stream to stream; the output is dropped.
     *
     * @return the length of the message
     * @throws GeneralSecurityException if that fails
     * @throws IOException never
     */
    public long encryptStream() throws GeneralSecurityException, IOException {
        return channels.encrypt(new ByteArrayInputStream(plaintext), OutputStream.nullOutputStream())
                .messageLength();
    }

    /**
     * Decrypts it from stream to stream; the output is dropped.
     *
     * @return the length of the plaintext
     * @throws GeneralSecurityException if that fails
     * @throws IOException never
     */
    public long decryptStream() throws GeneralSecurityException, IOException {
        return channels.decrypt(new ByteArrayInputStream(message), OutputStream.nullOutputStream())
                .plaintextLength();
    }

    @Override
    public void close() {
        service.close();
    }
}
