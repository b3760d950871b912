package dev.kmsenvelope.contract;

/** The system properties that the AWS SDK's default chain takes credentials from, set and put back. */
final class AwsCredentialsProperties implements AutoCloseable {

    private static final String ACCESS_KEY = "aws.accessKeyId";
    private static final String SECRET = "aws.secretAccessKey";

    private final String accessKeyBefore = System.getProperty(ACCESS_KEY);
    private final String secretBefore = System.getProperty(SECRET);

    AwsCredentialsProperties(String accessKey) {
        System.setProperty(ACCESS_KEY, accessKey);
        System.setProperty(SECRET, "not-checked-by-test-servers");
    }

    @Override
    public void close() {
        restore(ACCESS_KEY, accessKeyBefore);
        restore(SECRET, secretBefore);
    }

    private static void restore(String name, String value) {
        if (value == null) {
            System.clearProperty(name);
        } else {
            System.setProperty(name, value);
        }
    }
}
