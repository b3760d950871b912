package dev.kmsenvelope.aws;

import dev.kmsenvelope.kms.AliasExistsException;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KmsAuthenticationException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsLimitException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;

/**
 * Says what a failure of the SDK means, by its type, its error code and its HTTP status, never by its text: the table of
 * docs/AWS.md. Our texts name the operation, the key, the request id, and for a denial the permission that is missing.
 */
final class AwsErrors {

    private static final int MAX_CAUSES = 10;
    private static final int UNAUTHORIZED = 401;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    /** What comes from outside is shown only where it has the form of an identifier. */
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z0-9.-]{1,80}");

    private enum Meaning {
        ALIAS_EXISTS,
        BUSY,
        DENIED,
        DISABLED,
        GRANT_TOKEN,
        IDENTITY,
        LIMIT,
        NAME,
        NOT_FOUND,
        OPERATION,
        REQUEST,
        TABLE,
        THROTTLED,
        UNAVAILABLE,
        USAGE,
        WRONG_CIPHERTEXT
    }

    /** The code for a request that is wrong. */
    static final String VALIDATION = "ValidationException";

    private static final Map<String, Meaning> CODES = codes();

    private AwsErrors() {}

    private static Map<String, Meaning> codes() {
        Map<String, Meaning> codes = new HashMap<>();
        put(codes, Meaning.ALIAS_EXISTS, "AlreadyExistsException");
        put(codes, Meaning.BUSY, "ConflictException", "TransactionConflictException", "TransactionInProgressException");
        put(codes, Meaning.DENIED, "AccessDenied", "AccessDeniedException", "UnauthorizedOperation");
        put(codes, Meaning.DISABLED, "DisabledException", "KMSInvalidStateException");
        put(codes, Meaning.GRANT_TOKEN, "InvalidGrantTokenException");
        put(
                codes,
                Meaning.IDENTITY,
                "AuthFailure",
                "ExpiredToken",
                "ExpiredTokenException",
                "IncompleteSignature",
                "IncompleteSignatureException",
                "InvalidAccessKeyId",
                "InvalidClientTokenId",
                "InvalidSignatureException",
                "InvalidToken",
                "MissingAuthenticationToken",
                "MissingAuthenticationTokenException",
                "NotAuthorized",
                "OptInRequired",
                "RequestExpired",
                "RequestInTheFuture",
                "RequestTimeTooSkewed",
                "SignatureDoesNotMatch",
                "UnrecognizedClientException");
        put(codes, Meaning.LIMIT, "LimitExceededException");
        put(codes, Meaning.NAME, "InvalidAliasNameException", "InvalidArnException");
        put(codes, Meaning.NOT_FOUND, "NotFoundException");
        put(codes, Meaning.OPERATION, "InvalidAction", "UnknownOperationException");
        put(
                codes,
                Meaning.REQUEST,
                "InvalidMarkerException",
                "InvalidParameterCombination",
                "InvalidParameterValue",
                "MalformedPolicyDocumentException",
                "MissingParameter",
                "SerializationException",
                "TagException",
                "ValidationError",
                VALIDATION);
        put(
                codes,
                Meaning.UNAVAILABLE,
                "CloudHsmClusterNotActiveException",
                "CustomKeyStoreInvalidStateException",
                "DependencyTimeoutException",
                "InternalError",
                "InternalFailure",
                "InternalServerError",
                "KMSInternalException",
                "KeyUnavailableException",
                "RequestTimeout",
                "RequestTimeoutException",
                "ServiceUnavailable",
                "ServiceUnavailableException");
        put(codes, Meaning.TABLE, "ResourceNotFoundException");
        put(codes, Meaning.USAGE, "InvalidKeyUsageException", "UnsupportedOperationException");
        put(codes, Meaning.WRONG_CIPHERTEXT, "IncorrectKeyException", "InvalidCiphertextException");
        return Map.copyOf(codes);
    }

    private static void put(Map<String, Meaning> codes, Meaning meaning, String... names) {
        for (String name : names) {
            codes.put(name, meaning);
        }
    }

    /**
     * The exception to throw.
     *
     * @param call what was tried
     * @param e what the SDK threw
     * @return ours; an interrupt is marked in the thread again
     */
    static KmsException of(AwsCall call, RuntimeException e) {
        if (e instanceof KmsException ours) {
            return ours;
        }
        if (e instanceof AwsServiceException answer) {
            return ofAnswer(call, answer);
        }
        if (find(e, AwsCredentialsFailure.class) instanceof AwsCredentialsFailure failure) {
            return ofCredentials(call, failure);
        }
        AwsFailure cause = AwsFailure.of(e, "");
        if (e instanceof AbortedException || find(e, InterruptedException.class) != null) {
            Thread.currentThread().interrupt();
            return new KmsUnavailableException(call + " was interrupted", cause);
        }
        if (e instanceof ApiCallTimeoutException || e instanceof ApiCallAttemptTimeoutException) {
            return new KmsUnavailableException(
                    call + ": no answer within " + call.timeout().toMillis() + " ms ('" + AwsSettings.TIMEOUT + "')",
                    cause);
        }
        Throwable connection = cause.getCause();
        return connection != null
                ? new KmsUnavailableException(
                        call + ": " + call.operation().service() + " cannot be reached: "
                                + connection.getClass().getSimpleName(),
                        cause)
                : new KmsUnavailableException(
                        call + ": what came back is no answer of "
                                + call.operation().service() + ", or the request could not be made",
                        cause);
    }

    /** The service has answered, or what stands in its place. */
    private static KmsException ofAnswer(AwsCall call, AwsServiceException answer) {
        String code = code(answer);
        String request = identifier(answer.requestId());
        AwsFailure cause = AwsFailure.of(
                answer,
                code,
                ": " + code + ", HTTP status " + answer.statusCode()
                        + (request.isEmpty() ? "" : ", request " + request));
        String what = call + (request.isEmpty() ? "" : ", request " + request);
        return switch (meaning(answer, code)) {
            case ALIAS_EXISTS -> new AliasExistsException(what + ": the alias exists already", cause);
            case BUSY -> new KmsUnavailableException(what + ": another change is under way; try again later", cause);
            case DENIED ->
                new KeyAccessDeniedException(
                        what + ": denied; this identity lacks "
                                + call.operation().permission()
                                + " in its own policies or the key's, or a policy forbids it",
                        cause);
            case DISABLED ->
                new KeyDisabledException(
                        what
                                + ": the key is not enabled: it is disabled, its deletion is scheduled, or it is not ready",
                        cause);
            case GRANT_TOKEN ->
                new KmsConfigurationException(
                        what + ": a token in '" + AwsSettings.GRANT_TOKENS + "' is not, or no longer, valid", cause);
            case IDENTITY ->
                new KmsAuthenticationException(
                        what + ": the credentials are not accepted (" + code
                                + "): they are wrong or expired, or this machine's clock is",
                        cause);
            case LIMIT ->
                new KmsLimitException(
                        what + ": a limit of " + call.operation().service() + " is reached; waiting does not help",
                        cause);
            case NAME -> new KeyNotFoundException(what + ": that cannot be the name of a key or alias", cause);
            case NOT_FOUND -> new KeyNotFoundException(what + ": there is no such key or alias", cause);
            case OPERATION ->
                new KmsConfigurationException(what + ": the service there does not offer this operation", cause);
            case REQUEST ->
                new KmsConfigurationException(what + ": the service refuses the request (" + code + ")", cause);
            case TABLE ->
                new KmsConfigurationException(
                        what + ": there is no such table in this Region ('" + DynamoSettings.TABLE + "')", cause);
            case THROTTLED -> new KmsThrottledException(what + ": too many requests", cause);
            case UNAVAILABLE ->
                new KmsUnavailableException(
                        what + ": " + call.operation().service() + " fails (HTTP status " + answer.statusCode()
                                + (code.isEmpty() ? "" : ", " + code) + ")",
                        cause);
            case USAGE ->
                new InvalidKeyUsageException(what + ": the kind or the usage of the key does not allow it", cause);
            case WRONG_CIPHERTEXT ->
                new InvalidCiphertextException(
                        what + ": changed, encrypted under another key, or bound to another context", cause);
        };
    }

    private static Meaning meaning(AwsServiceException answer, String code) {
        Meaning meaning = CODES.get(code);
        if (meaning != null) {
            return meaning;
        }
        if (answer.isThrottlingException() || answer.statusCode() == TOO_MANY_REQUESTS) {
            return Meaning.THROTTLED;
        }
        if (answer.isClockSkewException() || answer.statusCode() == UNAUTHORIZED) {
            return Meaning.IDENTITY;
        }
        // Without a code it is no answer of AWS KMS: a proxy, or garbage.
        return answer.statusCode() >= SERVER_ERROR || code.isEmpty() ? Meaning.UNAVAILABLE : Meaning.REQUEST;
    }

    /** The same failure with a text that says more. */
    static KmsException noted(KmsException e, String note) {
        String text = e.getMessage() + "; " + note;
        Throwable cause = e.getCause();
        if (e instanceof AliasExistsException) {
            return new AliasExistsException(text, cause);
        }
        if (e instanceof KeyAccessDeniedException) {
            return new KeyAccessDeniedException(text, cause);
        }
        if (e instanceof KeyDisabledException) {
            return new KeyDisabledException(text, cause);
        }
        if (e instanceof KeyNotFoundException) {
            return new KeyNotFoundException(text, cause);
        }
        if (e instanceof KmsAuthenticationException) {
            return new KmsAuthenticationException(text, cause);
        }
        if (e instanceof KmsLimitException) {
            return new KmsLimitException(text, cause);
        }
        if (e instanceof KmsThrottledException) {
            return new KmsThrottledException(text, cause);
        }
        return e instanceof KmsUnavailableException
                ? new KmsUnavailableException(text, cause)
                : new KmsConfigurationException(text, cause);
    }

    private static KmsException ofCredentials(AwsCall call, AwsCredentialsFailure failure) {
        Throwable reason = failure.getCause() == null ? failure : failure.getCause();
        AwsFailure cause = AwsFailure.of(reason, "");
        if (reason instanceof TimeoutException) {
            return new KmsAuthenticationException(
                    call + ": no AWS credentials within " + call.timeout().toMillis() + " ms ('" + AwsSettings.TIMEOUT
                            + "')",
                    cause);
        }
        if (isOfMissingModule(reason)) {
            return new KmsConfigurationException(
                    call + ": the profile ('" + AwsSettings.PROFILE
                            + "') needs a module of the AWS SDK that is not on the class path: sts for a role or a"
                            + " web identity, sso and ssooidc for a sign-in, signin for a console login",
                    cause);
        }
        if (find(reason, AwsServiceException.class) instanceof AwsServiceException answer) {
            String code = code(answer);
            return new KmsAuthenticationException(
                    call + ": the service that gives the profile ('" + AwsSettings.PROFILE
                            + "') its credentials refuses" + (code.isEmpty() ? "" : " (" + code + ")"),
                    cause);
        }
        return new KmsAuthenticationException(
                call + ": no AWS credentials in the system properties, the environment, the profile ('"
                        + AwsSettings.PROFILE + "'), the container or the instance",
                cause);
    }

    /** Whether a class of the SDK that a profile asks for is not there. */
    static boolean isOfMissingModule(Throwable reason) {
        return find(reason, ClassNotFoundException.class) != null || find(reason, NoClassDefFoundError.class) != null;
    }

    private static String code(AwsServiceException answer) {
        return identifier(
                answer.awsErrorDetails() == null
                        ? null
                        : answer.awsErrorDetails().errorCode());
    }

    private static String identifier(@Nullable String text) {
        return text != null && IDENTIFIER.matcher(text).matches() ? text : "";
    }

    static @Nullable Throwable find(Throwable e, Class<? extends Throwable> type) {
        Throwable cause = e;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (type.isInstance(cause)) {
                return cause;
            }
            cause = cause.getCause();
        }
        return null;
    }
}
