package dev.kmsenvelope.testing.kms;

import com.sun.net.httpserver.Headers;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who asks, and in which Region, as the credential scope of the signature (Signature Version 4) says. The signature itself is
 * not verified; its date is.
 */
record Caller(String accessKey, String region) {

    static final String ACCOUNT = "111122223333";

    private static final Pattern AUTHORIZATION = Pattern.compile("AWS4-HMAC-SHA256 Credential=([^/,]+)/[0-9]{8}/"
            + "([a-z0-9-]+)/kms/aws4_request, ?SignedHeaders=[^,]+, ?Signature=[0-9a-f]{64}");
    private static final Duration MAX_SKEW = Duration.ofMinutes(5);
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    static Caller of(Headers headers, Instant now) {
        String authorization = headers.getFirst("Authorization");
        if (authorization == null) {
            throw KmsError.of("MissingAuthenticationTokenException", "Missing Authentication Token");
        }
        Matcher matcher = AUTHORIZATION.matcher(authorization);
        if (!matcher.matches()) {
            throw KmsError.of("IncompleteSignatureException", "The Authorization header is not a signature.");
        }
        checkDate(headers.getFirst("X-Amz-Date"), now);
        return new Caller(matcher.group(1), matcher.group(2));
    }

    private static void checkDate(String date, Instant now) {
        Instant signed;
        try {
            signed = DATE.parse(date == null ? "" : date, Instant::from);
        } catch (DateTimeParseException e) {
            throw KmsError.of("IncompleteSignatureException", "The X-Amz-Date header is not a date.");
        }
        if (signed.isBefore(now.minus(MAX_SKEW))) {
            throw KmsError.of(
                    "InvalidSignatureException",
                    "Signature expired: " + date + " is now earlier than " + DATE.format(now.minus(MAX_SKEW)) + " ("
                            + DATE.format(now) + " - 5 min.)");
        }
        if (signed.isAfter(now.plus(MAX_SKEW))) {
            throw KmsError.of(
                    "InvalidSignatureException",
                    "Signature not yet current: " + date + " is still later than " + DATE.format(now.plus(MAX_SKEW))
                            + " (" + DATE.format(now) + " + 5 min.)");
        }
    }

    /** The IAM user whose access key it is; here each access key is a user of its name. */
    String principal() {
        return "arn:aws:iam::" + ACCOUNT + ":user/" + accessKey;
    }
}
