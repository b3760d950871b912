package dev.kmsenvelope.aws;

/** No credentials could be had; carries why from the credential chain, through the SDK, to {@link AwsErrors}. */
final class AwsCredentialsFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    AwsCredentialsFailure(Throwable cause) {
        super(null, cause, false, false);
    }
}
