package dev.kmsenvelope.testing;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DirectDataKeySource;
import dev.kmsenvelope.engine.MessageDecryptor;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageEncryptor;
import dev.kmsenvelope.engine.MessageId;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.provider.KmsSecretKey;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;

/** Dual-layer messages under the keys {@value #INNER} and {@value #OUTER}, and their layers one by one. */
public final class DualMessages {

    public static final String DUAL = "Envelope/DUAL/NoPadding";
    public static final String INNER = "inside";
    public static final String OUTER = "outside";

    private DualMessages() {}

    /** A service with both keys. */
    public static InMemoryKeyService service() {
        return new InMemoryKeyService().withKey(INNER).withKey(OUTER);
    }

    /** A handle for both layers that asks the service for each message. */
    public static KmsSecretKey handle(KeyService service, String... settings) {
        String[] all = Arrays.copyOf(settings, settings.length + 2);
        all[settings.length] = "key." + INNER + ".outer-key";
        all[settings.length + 1] = OUTER;
        return Ciphers.uncachedHandle(service, INNER, all);
    }

    public static byte[] encrypt(KmsSecretKey handle, byte[] plaintext) throws GeneralSecurityException {
        return Ciphers.ours(DUAL, Cipher.ENCRYPT_MODE, handle).doFinal(plaintext);
    }

    public static byte[] decrypt(KmsSecretKey handle, byte[] message) throws GeneralSecurityException {
        return Ciphers.ours(DUAL, Cipher.DECRYPT_MODE, handle).doFinal(message);
    }

    /** A context with a layer's mark. */
    public static EncryptionContext marked(String layer, Map<String, String> pairs) {
        Map<String, String> all = new LinkedHashMap<>(pairs);
        all.put(EncryptionContext.LAYER_NAME, layer);
        return EncryptionContext.ofMessage(all);
    }

    /** The plaintext of one layer. */
    public static byte[] open(KeyService service, String key, String layer, byte[] message)
            throws InvalidMessageException {
        Recipient recipient = new Recipient(
                service, new DirectDataKeySource(service), KeyId.of(key), List.of(), marked(layer, Map.of()));
        return TestEngine.decrypt(
                new MessageDecryptor(recipient, TestEngine.defaults(), Release.AT_THE_END, null), message);
    }

    /** The inner message of a dual-layer one. */
    public static byte[] inner(KeyService service, byte[] message) throws InvalidMessageException {
        return open(service, OUTER, "outer", message);
    }

    /** One message, whatever its context and id are. */
    public static byte[] layer(
            DataKeySource source, String key, EncryptionContext context, byte[] messageId, byte[] plaintext) {
        try (MessageEncryptor encryptor =
                MessageEncryptor.start(source, KeyId.of(key), context, messageId, TestEngine.defaults())) {
            return TestEngine.write(encryptor, plaintext, TestEngine.AT_ONCE);
        }
    }

    /** The same with a data key of its own. */
    public static byte[] layer(
            KeyService service, String key, EncryptionContext context, byte[] messageId, byte[] plaintext) {
        return layer(new DirectDataKeySource(service), key, context, messageId, plaintext);
    }

    /** A message id with the end of another one. */
    public static byte[] idLike(byte[] id) {
        return MessageId.create(RandomSource.operatingSystem(), MessageId.iv(id, MessageId.MAX_IV_LENGTH));
    }
}
