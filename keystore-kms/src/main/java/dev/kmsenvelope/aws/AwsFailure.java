package dev.kmsenvelope.aws;

import java.io.EOFException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the place of an exception of the AWS SDK as the cause of ours: its type, its error code, its place, and the
 * JDK's own exception about the connection, if that was the reason. Texts are left out: they come from the service, or
 * quote what it sent, which may be a key in plain text (RULES 20; docs/adr/0007).
 */
final class AwsFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int MAX_CAUSES = 10;

    private final String code;

    private AwsFailure(String message, String code, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    static AwsFailure of(Throwable original, String details) {
        return of(original, "", details);
    }

    static AwsFailure of(Throwable original, String code, String details) {
        AwsFailure failure = new AwsFailure(original.getClass().getName() + details, code, connection(original));
        failure.setStackTrace(original.getStackTrace());
        return failure;
    }

    /** The error code of the service's answer; empty if there was none. */
    String code() {
        return code;
    }

    private static @Nullable Throwable connection(Throwable original) {
        Throwable cause = original;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (isOfConnection(cause)) {
                return cause;
            }
            cause = cause.getCause();
        }
        return null;
    }

    /** Their texts are the JDK's: names of hosts, what was refused, what is wrong with a certificate. */
    static boolean isOfConnection(Throwable cause) {
        return cause instanceof SocketException
                || cause instanceof SocketTimeoutException
                || cause instanceof UnknownHostException
                || cause instanceof SSLException
                || cause instanceof EOFException;
    }
}
