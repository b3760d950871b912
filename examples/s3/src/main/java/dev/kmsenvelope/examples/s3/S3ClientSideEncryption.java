package dev.kmsenvelope.examples.s3;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.Key;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Puts files into S3 that are encrypted before they leave this process, and gets them back. It uses {@code javax.crypto} only:
 * with a key out of a {@code KMS} KeyStore an object is an AWS Encryption SDK message.
 *
 * <p>Files stream in constant memory. S3 wants to know an object's length before its first byte: the cipher says it. One
 * request carries up to {@link #MAX_LENGTH} bytes; larger files need a multipart upload of the same stream.
 *
 * <p>Thread-safe. Trouble with the key service is a {@link java.security.ProviderException}, trouble with S3 an exception of
 * the AWS SDK.
 */
public final class S3ClientSideEncryption {

    /** The longest file, in bytes: 1 GiB. */
    public static final long MAX_LENGTH = 1L << 30;

    private static final String TRANSFORMATION = "AES/GCM/NoPadding";

    private final S3Client s3;
    private final Key key;
    private final ServerSide serverSide;

    /**
     * Makes one.
     *
     * @param s3 the client, not closed by this
     * @param key a key out of a {@code KMS} KeyStore
     * @param serverSide what S3 adds at rest
     */
    public S3ClientSideEncryption(S3Client s3, Key key, ServerSide serverSide) {
        this.s3 = s3;
        this.key = key;
        this.serverSide = serverSide;
    }

    /**
     * Encrypts a file on its way into a bucket. When the SDK tries again, it is encrypted anew, under another data key.
     *
     * @param file what to store; must not change meanwhile
     * @param bucket where to
     * @param name the object's name, which is not encrypted
     * @throws IOException if the file cannot be read
     * @throws GeneralSecurityException if the key cannot encrypt
     * @throws IllegalArgumentException if the file is longer than {@link #MAX_LENGTH}
     */
    public void put(Path file, String bucket, String name) throws IOException, GeneralSecurityException {
        long length = Files.size(file);
        if (length > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "the file has " + length + " bytes; one request carries at most " + MAX_LENGTH);
        }
        int encryptedLength = cipher(Cipher.ENCRYPT_MODE).getOutputSize((int) length);
        PutObjectRequest.Builder request =
                PutObjectRequest.builder().bucket(bucket).key(name);
        serverSide.onPut(request);
        ContentStreamProvider content = () -> encrypting(file);
        s3.putObject(
                request.build(), RequestBody.fromContentProvider(content, encryptedLength, "application/octet-stream"));
    }

    private InputStream encrypting(Path file) {
        try {
            return new CipherInputStream(Files.newInputStream(file), cipher(Cipher.ENCRYPT_MODE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the key could encrypt a moment ago", e);
        }
    }

    /**
     * Gets an object and decrypts it. The file appears when all of it is verified: what S3 or somebody on the way changed or
     * cut never gets there.
     *
     * @param bucket where it is
     * @param name the object's name
     * @param file where to; replaced if it exists
     * @throws IOException if the object is not what was stored (the cause says so), or the file cannot be written
     * @throws GeneralSecurityException if the key cannot decrypt
     */
    public void get(String bucket, String name, Path file) throws IOException, GeneralSecurityException {
        GetObjectRequest.Builder request =
                GetObjectRequest.builder().bucket(bucket).key(name);
        serverSide.onGet(request);
        Cipher cipher = cipher(Cipher.DECRYPT_MODE);
        Path directory = file.toAbsolutePath().getParent();
        Path temporary = Files.createTempFile(directory, ".s3-", ".tmp");
        try {
            // Read to its end: only there does the cipher say that nothing is missing.
            try (InputStream plaintext = new CipherInputStream(s3.getObject(request.build()), cipher)) {
                Files.copy(plaintext, temporary, StandardCopyOption.REPLACE_EXISTING);
            }
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private Cipher cipher(int mode) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(TRANSFORMATION);
        cipher.init(mode, key);
        return cipher;
    }
}
