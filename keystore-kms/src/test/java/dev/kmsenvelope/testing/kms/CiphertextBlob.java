package dev.kmsenvelope.testing.kms;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the service encrypts under a symmetric key, opaque to its users:
 *
 * <pre>
 * version 01 | key tag (16) | key material id (32) | nonce (12) | AES-256-GCM ciphertext and tag
 * </pre>
 *
 * with everything before the nonce, and the encryption context, as additional authenticated data.
 */
record CiphertextBlob(byte[] keyTag, String materialId, byte[] sealed) {

    private static final byte VERSION = 1;
    private static final int TAG_LENGTH = 16;
    private static final int ID_LENGTH = 32;
    private static final int NONCE_LENGTH = 12;
    private static final int MIN_LENGTH = 1 + TAG_LENGTH + ID_LENGTH + NONCE_LENGTH + 1 + 16;

    static byte[] seal(KeyMaterial material, byte[] plaintext, Map<String, String> context) {
        KeyMaterial.Version version = material.current();
        byte[] nonce = Crypto.random(NONCE_LENGTH);
        byte[] sealed = Crypto.always(
                () -> cipher(Cipher.ENCRYPT_MODE, version.secret(), nonce, header(material.tag, version.id()), context)
                        .doFinal(plaintext));
        byte[] header = header(material.tag, version.id());
        return ByteBuffer.allocate(header.length + nonce.length + sealed.length)
                .put(header)
                .put(nonce)
                .put(sealed)
                .array();
    }

    private static byte[] header(byte[] keyTag, String materialId) {
        return ByteBuffer.allocate(1 + TAG_LENGTH + ID_LENGTH)
                .put(VERSION)
                .put(keyTag)
                .put(java.util.HexFormat.of().parseHex(materialId))
                .array();
    }

    /** Takes a blob apart; empty if it is none. */
    static Optional<CiphertextBlob> parse(byte[] blob) {
        if (blob.length < MIN_LENGTH || blob[0] != VERSION) {
            return Optional.empty();
        }
        int id = 1 + TAG_LENGTH;
        return Optional.of(new CiphertextBlob(
                Arrays.copyOfRange(blob, 1, id),
                Crypto.hex(Arrays.copyOfRange(blob, id, id + ID_LENGTH)),
                Arrays.copyOfRange(blob, id + ID_LENGTH, blob.length)));
    }

    /** Decrypts; empty if the blob was changed or has another context. */
    Optional<byte[]> open(KeyMaterial material, Map<String, String> context) {
        return material.version(materialId).flatMap(version -> {
            try {
                byte[] nonce = Arrays.copyOf(sealed, NONCE_LENGTH);
                return Optional.of(
                        cipher(Cipher.DECRYPT_MODE, version.secret(), nonce, header(keyTag, materialId), context)
                                .doFinal(sealed, NONCE_LENGTH, sealed.length - NONCE_LENGTH));
            } catch (GeneralSecurityException e) {
                return Optional.empty();
            }
        });
    }

    private static Cipher cipher(int mode, byte[] secret, byte[] nonce, byte[] header, Map<String, String> context)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", Crypto.PROVIDER);
        cipher.init(mode, new SecretKeySpec(secret, "AES"), new GCMParameterSpec(128, nonce));
        cipher.updateAAD(header);
        cipher.updateAAD(serialize(context));
        return cipher;
    }

    /** Every name and value with its length, so that no two contexts are alike. */
    private static byte[] serialize(Map<String, String> context) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(context.size());
            for (Map.Entry<String, String> pair : context.entrySet()) {
                for (String text : new String[] {pair.getKey(), pair.getValue()}) {
                    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
                    out.writeInt(encoded.length);
                    out.write(encoded);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }
}
