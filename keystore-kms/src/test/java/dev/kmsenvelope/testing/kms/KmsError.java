package dev.kmsenvelope.testing.kms;

/** An error that the service answers with: its type, and its HTTP status. */
final class KmsError extends RuntimeException {

    final int status;
    final String type;

    private KmsError(int status, String type, String message) {
        super(message, null, false, false);
        this.status = status;
        this.type = type;
    }

    /** An error that is the caller's: all of these have status 400. */
    static KmsError of(String type, String message) {
        return new KmsError(400, type, message);
    }

    static KmsError of(int status, String type, String message) {
        return new KmsError(status, type, message);
    }

    static KmsError validation(String message) {
        return of("ValidationException", message);
    }

    static KmsError notFound(String message) {
        return of("NotFoundException", message);
    }

    static KmsError unsupported(String message) {
        return of("UnsupportedOperationException", message);
    }

    /** The service says no more about a ciphertext that it does not accept. */
    static KmsError invalidCiphertext() {
        return of("InvalidCiphertextException", null);
    }

    static KmsError invalidUsage(ServerKey key, String operation) {
        return of(
                "InvalidKeyUsageException",
                key.arn() + " key usage is " + key.material.usage + " and key spec is " + key.material.spec
                        + ", which is not valid for " + operation + ".");
    }
}
