package dev.kmsenvelope.testing.kms;

import java.util.LinkedHashMap;
import java.util.Map;

/** System properties that are other for a while. The AWS SDK takes credentials, Region and profile from them. For one thread. */
public final class ChangedProperties implements AutoCloseable {

    private static final String ACCESS_KEY = "aws.accessKeyId";
    private static final String SECRET = "aws.secretAccessKey";

    private final Map<String, String> before = new LinkedHashMap<>();

    /** The caller has that access key from now on. */
    public ChangedProperties identity(String accessKey) {
        return set(ACCESS_KEY, accessKey).set(SECRET, "not-checked-by-the-server");
    }

    /** The properties give nobody's credentials, and no metadata service is looked for. */
    public ChangedProperties noIdentity() {
        return set(ACCESS_KEY, null).set(SECRET, null).set("aws.disableEc2Metadata", "true");
    }

    /** Changes one; null removes it. */
    public ChangedProperties set(String name, String value) {
        before.putIfAbsent(name, System.getProperty(name, ""));
        change(name, value);
        return this;
    }

    private static void change(String name, String value) {
        if (value == null || value.isEmpty()) {
            System.clearProperty(name);
        } else {
            System.setProperty(name, value);
        }
    }

    /** Puts all of them back. */
    @Override
    public void close() {
        before.forEach(ChangedProperties::change);
    }
}
