package dev.kmsenvelope.examples.s3;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * What S3 itself does to an object at rest, as a further layer around what was encrypted before it got there. Each mode sets
 * what a request to write, and a request to read, must say.
 */
public interface ServerSide {

    /**
     * Completes a request to write an object.
     *
     * @param request the request
     */
    void onPut(PutObjectRequest.Builder request);

    /**
     * Completes a request to read an object.
     *
     * @param request the request
     */
    default void onGet(GetObjectRequest.Builder request) {
        // S3 knows how it encrypted an object, unless the key is the caller's
    }

    /**
     * SSE-S3: keys that S3 manages.
     *
     * @return the mode {@code AES256}
     */
    static ServerSide sseS3() {
        return request -> request.serverSideEncryption(ServerSideEncryption.AES256);
    }

    /**
     * SSE-KMS: a key of AWS KMS.
     *
     * @param keyArn the key, better another one than that of the client's layer
     * @return the mode {@code aws:kms}
     */
    static ServerSide sseKms(String keyArn) {
        return request ->
                request.serverSideEncryption(ServerSideEncryption.AWS_KMS).ssekmsKeyId(keyArn);
    }

    /**
     * DSSE-KMS: two layers on the server, one of them under a key of AWS KMS.
     *
     * @param keyArn the key, better another one than that of the client's layer
     * @return the mode {@code aws:kms:dsse}
     */
    static ServerSide dsseKms(String keyArn) {
        return request ->
                request.serverSideEncryption(ServerSideEncryption.AWS_KMS_DSSE).ssekmsKeyId(keyArn);
    }

    /**
     * SSE-C: a key that travels to S3 with every request, over HTTPS. It is no data key of the client's layer: S3 sees it.
     *
     * @param key 32 bytes, copied into the requests
     * @return the mode
     * @throws IllegalArgumentException if the key has another length
     */
    static ServerSide sseC(byte[] key) {
        if (key.length != 32) {
            throw new IllegalArgumentException("a key for SSE-C has 32 bytes, not " + key.length);
        }
        String encoded = Base64.getEncoder().encodeToString(key);
        String digest = Base64.getEncoder().encodeToString(md5(key));
        return new ServerSide() {
            @Override
            public void onPut(PutObjectRequest.Builder request) {
                request.sseCustomerAlgorithm("AES256").sseCustomerKey(encoded).sseCustomerKeyMD5(digest);
            }

            @Override
            public void onGet(GetObjectRequest.Builder request) {
                request.sseCustomerAlgorithm("AES256").sseCustomerKey(encoded).sseCustomerKeyMD5(digest);
            }
        };
    }

    /** S3 asks for it to notice a key that was garbled on the way; nothing depends on its strength. */
    private static byte[] md5(byte[] key) {
        try {
            return MessageDigest.getInstance("MD5").digest(key);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }
}
