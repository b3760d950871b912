package dev.kmsenvelope.testing.kms;

/** What can be made to go wrong with an answer. */
public enum Fault {
    /** Too many requests. */
    THROTTLED(400, "ThrottlingException"),
    /** A quota is used up. */
    LIMIT_EXCEEDED(400, "LimitExceededException"),
    /** An error of the service. */
    INTERNAL_ERROR(500, "KMSInternalException"),
    /** The key cannot be used for the moment. */
    KEY_UNAVAILABLE(500, "KeyUnavailableException"),
    /** A part of the service does not answer. */
    DEPENDENCY_TIMEOUT(503, "DependencyTimeoutException"),
    /** The caller may not do that. */
    DENIED(400, "AccessDeniedException"),
    /** The caller's credentials are too old. */
    EXPIRED_CREDENTIALS(400, "ExpiredTokenException"),
    /** The caller's credentials are unknown. */
    UNKNOWN_CREDENTIALS(400, "UnrecognizedClientException"),
    /** The signature is not right. */
    BAD_SIGNATURE(400, "InvalidSignatureException"),
    /** There is no such key. */
    NOT_FOUND(400, "NotFoundException"),
    /** The key is disabled. */
    DISABLED(400, "DisabledException"),
    /** The key is in a state that forbids the operation. */
    INVALID_STATE(400, "KMSInvalidStateException"),
    /** The key is of another kind. */
    INVALID_KEY_USAGE(400, "InvalidKeyUsageException"),
    /** A grant token is not valid. */
    INVALID_GRANT_TOKEN(400, "InvalidGrantTokenException"),
    /** The request is not valid. */
    VALIDATION(400, "ValidationException"),
    /** The operation is not possible there. */
    UNSUPPORTED(400, "UnsupportedOperationException"),
    /** An error that is made up: the service may get new ones. */
    UNHEARD_OF(400, "UnheardOfException"),
    /** A load balancer's 503 without a body. */
    UNAVAILABLE,
    /** The answer comes after 30 seconds, or when the faults are cleared. */
    SLOW,
    /** The connection ends before the answer. */
    CUT_BEFORE_ANSWER,
    /** The connection ends in the middle of the answer. */
    CUT_IN_ANSWER,
    /** The answer is a web page of somebody else's. */
    GARBAGE,
    /** The answer is complete as HTTP and ends in the middle of its JSON. */
    TRUNCATED_JSON,
    /** The answer is a JSON object without members. */
    MISSING_MEMBERS,
    /** The answer has no body. */
    EMPTY,
    /** The answer names another key than the one that was asked for. */
    WRONG_KEY,
    /** What secret, code or random bytes are in the answer have one byte less. */
    WRONG_LENGTH;

    /** Stands in the text of every error that is injected: texts of the service have no place in our own. */
    public static final String TEXT = "planted by the test server";

    private final int status;
    private final String type;

    Fault(int status, String type) {
        this.status = status;
        this.type = type;
    }

    Fault() {
        this(0, "");
    }

    /** Whether the service answers with an error of its protocol. */
    public boolean isError() {
        return status != 0;
    }

    /** Whether the operation is done, and its answer is changed afterwards. */
    boolean changesAnswer() {
        return this == MISSING_MEMBERS || this == WRONG_KEY || this == WRONG_LENGTH || this == TRUNCATED_JSON;
    }

    KmsError error() {
        return KmsError.of(status, type, TEXT);
    }
}
