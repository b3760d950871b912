package dev.kmsenvelope.testing;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.Provider;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import javax.crypto.Cipher;

/** Shortens what every test of the ciphers does: handles, ciphers of our provider, messages, test data. */
public final class Ciphers {

    public static final String GCM = "AES/GCM/NoPadding";
    public static final String ENVELOPE = "Envelope";
    public static final String WRAP = "AESWrap";

    private static final Provider PROVIDER = new KmsEnvelopeProvider();

    private Ciphers() {}

    /** A handle to a key of a service that asks the service for each message. */
    public static KmsSecretKey uncachedHandle(KeyService service, String key, String... settings) {
        String[] all = Arrays.copyOf(settings, settings.length + 2);
        all[settings.length] = "cache.max-age";
        all[settings.length + 1] = "0s";
        return handle(service, key, all);
    }

    /** A handle to a key of a service, with settings as name, value, name, value. */
    public static KmsSecretKey handle(KeyService service, String key, String... settings) {
        Map<String, String> values = new java.util.LinkedHashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            values.put(settings[i], settings[i + 1]);
        }
        return KmsSecretKey.of(service, KeyId.of(key), KeyPolicy.of(Configuration.of(values), KeyId.of(key)));
    }

    /** A cipher of our provider, not initialized. */
    public static Cipher ours(String transformation) throws GeneralSecurityException {
        return Cipher.getInstance(transformation, PROVIDER);
    }

    /** A cipher of our provider, initialized. */
    public static Cipher ours(String transformation, int mode, Key key) throws GeneralSecurityException {
        Cipher cipher = ours(transformation);
        cipher.init(mode, key);
        return cipher;
    }

    /** A cipher of our provider, initialized with parameters. */
    public static Cipher ours(String transformation, int mode, Key key, AlgorithmParameterSpec parameters)
            throws GeneralSecurityException {
        Cipher cipher = ours(transformation);
        cipher.init(mode, key, parameters);
        return cipher;
    }

    /** A message. */
    public static byte[] encrypt(Key key, byte[] plaintext) throws GeneralSecurityException {
        return ours(GCM, Cipher.ENCRYPT_MODE, key).doFinal(plaintext);
    }

    /** A message with frames of a given length. */
    public static byte[] encrypt(Key key, byte[] plaintext, int frameLength) throws GeneralSecurityException {
        return ours(GCM, Cipher.ENCRYPT_MODE, key, frames(frameLength)).doFinal(plaintext);
    }

    /** The plaintext of a message. */
    public static byte[] decrypt(Key key, byte[] message) throws GeneralSecurityException {
        return ours(GCM, Cipher.DECRYPT_MODE, key).doFinal(message);
    }

    /** Parameters with a frame length. */
    public static EnvelopeParameterSpec frames(int length) {
        return EnvelopeParameterSpec.builder().frameLength(length).build();
    }

    /** Parameters with an encryption context. */
    public static EnvelopeParameterSpec context(String name, String value) {
        return EnvelopeParameterSpec.builder().context(Map.of(name, value)).build();
    }

    /** Bytes that are always the same for a size. */
    public static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    /** A copy with one bit changed. */
    public static byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        return changed;
    }
}
