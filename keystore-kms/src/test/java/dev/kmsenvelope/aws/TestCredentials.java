package dev.kmsenvelope.aws;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Credentials that mean nothing, at the place in the default chain that comes first: system properties. */
final class TestCredentials implements BeforeAllCallback, AfterAllCallback {

    static final String ACCESS_KEY = "aws.accessKeyId";
    static final String SECRET_KEY = "aws.secretAccessKey";

    @Override
    public void beforeAll(ExtensionContext context) {
        System.setProperty(ACCESS_KEY, "test");
        System.setProperty(SECRET_KEY, "test");
    }

    @Override
    public void afterAll(ExtensionContext context) {
        System.clearProperty(ACCESS_KEY);
        System.clearProperty(SECRET_KEY);
    }
}
