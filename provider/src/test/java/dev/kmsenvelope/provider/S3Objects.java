package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** What tests of S3 objects do. */
final class S3Objects {

    static final String TRANSFORMATION = "Envelope/S3EC/NoPadding";

    /** The setting that says which versions are written and read. */
    static final String POLICY = "s3.commitment-policy";

    /** Reads both versions and writes version 3. */
    static final String READS_ALL = "require-encrypt-allow-decrypt";

    private S3Objects() {}

    /** What has objects of a version written, and read. */
    static String policy(int version) {
        return version == 2 ? "forbid-encrypt-allow-decrypt" : "require-encrypt-require-decrypt";
    }

    /** An object as it stands in a bucket. */
    record Stored(byte[] body, Map<String, String> metadata) {

        Stored withBody(byte[] other) {
            return new Stored(other, metadata);
        }

        /** With another value of a pair, or without it. */
        Stored with(String name, String value) {
            Map<String, String> changed = new TreeMap<>(metadata);
            if (value == null) {
                changed.remove(name);
            } else {
                changed.put(name, value);
            }
            return new Stored(body, changed);
        }
    }

    static Cipher encrypting(KmsSecretKey key, EnvelopeParameterSpec spec) throws GeneralSecurityException {
        return Ciphers.ours(TRANSFORMATION, Cipher.ENCRYPT_MODE, key, spec);
    }

    static S3EncryptionMetadata metadata(Cipher cipher) throws GeneralSecurityException {
        return cipher.getParameters().getParameterSpec(S3EncryptionMetadata.class);
    }

    static Stored encrypt(KmsSecretKey key, byte[] plaintext) throws GeneralSecurityException {
        return encrypt(key, plaintext, EnvelopeParameterSpec.builder().build());
    }

    static Stored encrypt(KmsSecretKey key, byte[] plaintext, EnvelopeParameterSpec spec)
            throws GeneralSecurityException {
        Cipher cipher = encrypting(key, spec);
        Map<String, String> metadata = metadata(cipher).asMap();
        return new Stored(cipher.doFinal(plaintext), metadata);
    }

    static Cipher decrypting(KmsSecretKey key, Stored object) throws GeneralSecurityException {
        return Ciphers.ours(TRANSFORMATION, Cipher.DECRYPT_MODE, key, S3EncryptionMetadata.of(object.metadata()));
    }

    static byte[] decrypt(KmsSecretKey key, Stored object) throws GeneralSecurityException {
        return decrypting(key, object).doFinal(object.body());
    }

    /** What a client of version 1 wrote under AWS KMS, with the key {@code master}. */
    static Stored legacy(InMemoryKeyService service, byte[] plaintext) throws Exception {
        EncryptionContext context = EncryptionContext.of(Map.of("kms_cmk_id", "master"));
        try (DataKeyPair dataKey = service.generateDataKey(KeyId.of("master"), 32, context)) {
            Cipher cbc = Cipher.getInstance("AES/CBC/PKCS5Padding", "SunJCE");
            cbc.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(dataKey.plaintext().copy(), "AES"));
            Base64.Encoder base64 = Base64.getEncoder();
            return new Stored(
                    cbc.doFinal(plaintext),
                    Map.of(
                            "x-amz-cek-alg",
                            "AES/CBC/PKCS5Padding",
                            "x-amz-wrap-alg",
                            "kms",
                            "x-amz-key-v2",
                            base64.encodeToString(service.toBlob(dataKey.encrypted())),
                            "x-amz-iv",
                            base64.encodeToString(cbc.getIV()),
                            "x-amz-matdesc",
                            "{\"kms_cmk_id\":\"master\"}",
                            "x-amz-unencrypted-content-length",
                            "" + plaintext.length));
        }
    }
}
