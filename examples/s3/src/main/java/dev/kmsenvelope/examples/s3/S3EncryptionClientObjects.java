package dev.kmsenvelope.examples.s3;

import dev.kmsenvelope.provider.EnvelopeChannels;
import dev.kmsenvelope.provider.EnvelopeFormat;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.provider.S3EncryptionMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Cipher;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Puts objects into S3 that the Amazon S3 Encryption Client gets, and gets those that it put. What such an object needs
 * besides its body travels as its user metadata.
 *
 * <p>Thread-safe. Trouble with the key service is a {@link java.security.ProviderException}, trouble with S3 an exception of
 * the AWS SDK.
 */
public final class S3EncryptionClientObjects {

    private final S3Client s3;
    private final KmsSecretKey key;

    /**
     * Makes one.
     *
     * @param s3 the client, not closed by this
     * @param key a key out of a {@code KMS} KeyStore
     */
    public S3EncryptionClientObjects(S3Client s3, KmsSecretKey key) {
        this.s3 = s3;
        this.key = key;
    }

    /**
     * Encrypts a file of less than 2 GiB, which is where SunJCE stops, in constant memory. The metadata leaves before the body and belongs to that
     * body alone, so the body is written to a file first: when the SDK tries again, it sends the same bytes.
     *
     * @param file what to store
     * @param bucket where to
     * @param name the object's name, which is not encrypted
     * @throws IOException if the file cannot be read, or there is no room for the encrypted one
     * @throws GeneralSecurityException if the key cannot encrypt
     */
    public void put(Path file, String bucket, String name) throws IOException, GeneralSecurityException {
        AtomicReference<S3EncryptionMetadata> metadata = new AtomicReference<>();
        EnvelopeChannels channels =
                EnvelopeChannels.of(key).format(EnvelopeFormat.S3EC).withS3MetadataTo(metadata::set);
        Path encrypted = Files.createTempFile("s3-", ".tmp");
        try {
            try (InputStream in = Files.newInputStream(file);
                    OutputStream out = Files.newOutputStream(encrypted)) {
                channels.encrypt(in, out);
            }
            s3.putObject(
                    request -> request.bucket(bucket)
                            .key(name)
                            .metadata(metadata.get().asMap()),
                    RequestBody.fromFile(encrypted));
        } finally {
            Files.deleteIfExists(encrypted);
        }
    }

    /**
     * Gets an object and decrypts it, in memory.
     *
     * @param bucket where it is
     * @param name the object's name
     * @return the plaintext, all of it verified
     * @throws IOException if the object breaks off
     * @throws GeneralSecurityException if the object or its metadata is not what was stored, or the key cannot decrypt
     */
    public byte[] get(String bucket, String name) throws IOException, GeneralSecurityException {
        try (ResponseInputStream<GetObjectResponse> object =
                s3.getObject(request -> request.bucket(bucket).key(name))) {
            S3EncryptionMetadata metadata =
                    S3EncryptionMetadata.of(object.response().metadata());
            if (metadata.needsInstructionFile()) {
                metadata = metadata.withInstructionFile(instructionFile(bucket, name));
            }
            Cipher cipher = Cipher.getInstance("Envelope/S3EC/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, key, metadata);
            return cipher.doFinal(object.readAllBytes());
        }
    }

    private byte[] instructionFile(String bucket, String name) throws IOException {
        try (InputStream file = s3.getObject(
                request -> request.bucket(bucket).key(name + S3EncryptionMetadata.INSTRUCTION_FILE_SUFFIX))) {
            return file.readNBytes(S3EncryptionMetadata.MAX_INSTRUCTION_FILE + 1);
        }
    }
}
