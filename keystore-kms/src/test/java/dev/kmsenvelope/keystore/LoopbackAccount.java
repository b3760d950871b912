package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.testing.kms.ChangedProperties;
import dev.kmsenvelope.testing.kms.LoopbackKms;
import dev.kmsenvelope.testing.kms.SdkClients;
import java.security.KeyStore;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.services.kms.KmsClient;

/** The keys of an AWS account that is a server on the loopback interface, and KeyStores that show them. */
final class LoopbackAccount implements AutoCloseable {

    static final String ACCOUNT = "111122223333";
    static final String REGION = "eu-central-1";
    static final String USER = "AKIDUSER";

    private static final String ADMINISTRATOR = "AKIDADMINISTRATOR";
    private static final AtomicInteger OPENED = new AtomicInteger();

    private final LoopbackKms server = new LoopbackKms();
    private final ChangedProperties properties = new ChangedProperties().noIdentity();

    LoopbackAccount() {
        properties.identity(USER);
    }

    LoopbackKms server() {
        return server;
    }

    ChangedProperties properties() {
        return properties;
    }

    /** A client of the AWS SDK that may do everything. */
    KmsClient client(String region) {
        return SdkClients.client(server, ADMINISTRATOR, region);
    }

    KeyId create(String alias, KeySpec spec, KeyUsage usage) {
        try (KeyAdministration keys = administration()) {
            return keys.createKey(spec, usage, KeyId.of(alias)).id();
        }
    }

    KeyId create(String alias) {
        return create(alias, KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT);
    }

    KeyAdministration administration() {
        return Backends.openAdministration(configuration(Map.of()));
    }

    KeyDescription describe(KeyId key) {
        try (KeyAdministration keys = administration()) {
            return keys.describe(key);
        }
    }

    /**
     * Settings that no other KeyStore has, so that it shares no service, and what a service remembers, with another one; each
     * message asks, unless more is set.
     */
    Configuration configuration(Map<String, String> more) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("backend", "aws");
        settings.put("aws.region", REGION);
        settings.put("aws.endpoint", server.endpoint().toString());
        settings.put("aws.timeout", 60_000 + OPENED.getAndIncrement() + "ms");
        settings.put("cache.max-age", "0s");
        settings.putAll(more);
        return Configuration.of(settings);
    }

    KeyStore load(Map<String, String> more) throws Exception {
        StringBuilder text = new StringBuilder();
        configuration(more)
                .asMap()
                .forEach((name, value) -> text.append(name.replace(":", "\\:"))
                        .append(" = ")
                        .append(value)
                        .append('\n'));
        return Fixture.load(text.toString());
    }

    KeyStore load() throws Exception {
        return load(Map.of());
    }

    /** The id alone, out of an ARN. */
    static String bareId(KeyId arn) {
        return arn.value().substring(arn.value().indexOf('/') + 1);
    }

    static String aliasArn(String alias) {
        return "arn:aws:kms:" + REGION + ":" + ACCOUNT + ":" + alias;
    }

    @Override
    public void close() {
        properties.close();
        server.close();
    }
}
