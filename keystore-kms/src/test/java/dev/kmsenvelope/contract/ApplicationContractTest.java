package dev.kmsenvelope.contract;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStore.SecretKeyEntry;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.io.TempDir;

/** The backend of keys that an application holds keeps the contract; its keys are made with other tools. */
class ApplicationContractTest extends KeyServiceContract {

    private static final int KEYS = 20;

    @TempDir
    private static Path directory;

    private final AtomicInteger used = new AtomicInteger();

    @Override
    void start() throws Exception {
        char[] password = "changeit".toCharArray();
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        keyStore.load(null, null);
        byte[] material = new byte[32];
        for (int i = 0; i < KEYS; i++) {
            new SecureRandom().nextBytes(material);
            keyStore.setEntry(
                    String.format("key-%02d", i),
                    new SecretKeyEntry(new SecretKeySpec(material, "AES")),
                    new PasswordProtection(password));
        }
        try (OutputStream out = Files.newOutputStream(directory.resolve("keys.p12"))) {
            keyStore.store(out, password);
        }
        Files.writeString(directory.resolve("password"), "changeit\n");
    }

    @Override
    Configuration configuration() {
        return Configuration.of(Map.of(
                "backend",
                "application",
                "application.keystore",
                directory.resolve("keys.p12").toString(),
                "application.password-file",
                directory.resolve("password").toString()));
    }

    @Override
    public Set<Feature> features() {
        return EnumSet.of(Feature.LOOKS_ARNS_UP, Feature.RANDOM, Feature.ACCESS_CHECK);
    }

    @Override
    public Set<KeySpec> specs() {
        return EnumSet.of(KeySpec.SYMMETRIC_DEFAULT);
    }

    @Override
    KeyId newKey(KeySpec spec, KeyUsage usage) {
        return KeyId.of(String.format("alias/key-%02d", used.getAndIncrement()));
    }
}
