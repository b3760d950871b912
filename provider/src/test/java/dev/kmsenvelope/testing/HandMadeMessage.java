package dev.kmsenvelope.testing;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A message of version 2 that is put together piece by piece from the specification, with nothing but the JDK: for messages
 * that no honest writer makes but whose tags are right.
 */
public final class HandMadeMessage {

    public static final byte[] NO_BYTES = {};

    public int suite = 0x0478;
    public byte[] messageId = ascending(32, 0x40);
    public byte[] dataKey = ascending(32, 0x80);
    public EncryptionContext context = EncryptionContext.empty();
    public final List<EncryptedDataKey> keys = new ArrayList<>();
    public int contentType = 2;
    public long frameLength = 16;
    /** Follows the header in what its tag authenticates. */
    public byte[] afterHeader = NO_BYTES;
    /** Replaces the right commitment when it is set. */
    public byte[] commitment;

    /** Lets the holder of a key read. */
    public HandMadeMessage to(KeyService service, String key) {
        keys.add(service.encrypt(KeyId.of(key), dataKey, context));
        return this;
    }

    public HandMadeMessage framed(long length) {
        contentType = 2;
        frameLength = length;
        return this;
    }

    public HandMadeMessage notFramed() {
        contentType = 1;
        frameLength = 0;
        return this;
    }

    public byte[] headerWithoutTag() {
        Grammar header = new Grammar()
                .u8(2)
                .u16(suite)
                .bytes(messageId)
                .field(context.serialize())
                .u16(keys.size());
        for (EncryptedDataKey key : keys) {
            header.field(key.providerId()).field(key.providerInfo()).field(key.ciphertext());
        }
        return header.u8(contentType)
                .u32(frameLength)
                .bytes(commitment != null ? commitment : expand("COMMITKEY"))
                .done();
    }

    public byte[] header() {
        byte[] withoutTag = headerWithoutTag();
        return Grammar.join(withoutTag, seal(new byte[12], NO_BYTES, Grammar.join(withoutTag, afterHeader)));
    }

    public byte[] regular(long sequence, byte[] plaintext) {
        return regular(sequence, Grammar.writersIv(sequence), plaintext);
    }

    public byte[] regular(long sequence, byte[] iv, byte[] plaintext) {
        byte[] associated = associated("AWSKMSEncryptionClient Frame", sequence, plaintext.length);
        return new Grammar()
                .u32(sequence)
                .bytes(iv)
                .bytes(seal(iv, plaintext, associated))
                .done();
    }

    public byte[] last(long sequence, byte[] plaintext) {
        byte[] iv = Grammar.writersIv(sequence);
        byte[] associated = associated("AWSKMSEncryptionClient Final Frame", sequence, plaintext.length);
        return new Grammar()
                .u32(0xFFFFFFFFL)
                .u32(sequence)
                .bytes(iv)
                .u32(plaintext.length)
                .bytes(seal(iv, plaintext, associated))
                .done();
    }

    public byte[] block(byte[] iv, byte[] plaintext) {
        byte[] associated = associated("AWSKMSEncryptionClient Single Block", 1, plaintext.length);
        return new Grammar()
                .bytes(iv)
                .u64(plaintext.length)
                .bytes(seal(iv, plaintext, associated))
                .done();
    }

    private byte[] associated(String label, long sequence, long length) {
        return new Grammar()
                .bytes(messageId)
                .text(label)
                .u32(sequence)
                .u64(length)
                .done();
    }

    private byte[] seal(byte[] iv, byte[] plaintext, byte[] associated) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
            byte[] info = new Grammar().u16(suite).text("DERIVEKEY").done();
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(expand(info), "AES"), new GCMParameterSpec(128, iv));
            cipher.updateAAD(associated);
            return cipher.doFinal(plaintext);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] expand(String info) {
        return expand(new Grammar().text(info).done());
    }

    /** HKDF-SHA512 with the message id as salt: 32 bytes, for which one block of the expansion is enough. */
    private byte[] expand(byte[] info) {
        byte[] pseudorandomKey = hmac(messageId, dataKey);
        return Arrays.copyOf(hmac(pseudorandomKey, Grammar.join(info, new byte[] {1})), 32);
    }

    private static byte[] hmac(byte[] key, byte[] text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA512");
            mac.init(new SecretKeySpec(key, "HmacSHA512"));
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static byte[] ascending(int length, int first) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }
}
