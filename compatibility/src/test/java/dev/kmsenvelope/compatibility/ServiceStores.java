package dev.kmsenvelope.compatibility;

import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.spi.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Keystores whose keys are in local key services. Each is a configuration, which stands where programs want a file. */
final class ServiceStores {

    static final String DATA = "alias/data";
    static final String RSA = "alias/rsa";
    static final String EC = "alias/ec";
    static final String INBOX = "alias/inbox";
    static final String MAC = "alias/mac";

    private static final String ALL = "all";
    private static final String ALONE = "alone";

    private final Path directory;

    /** Creates them. */
    ServiceStores(Path directory) throws IOException {
        this.directory = directory;
        try (KeyAdministration keys = service(ALL)) {
            keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of(DATA));
            keys.createKey(KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY, KeyId.of(RSA));
            keys.createKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY, KeyId.of(EC));
            keys.createKey(KeySpec.RSA_2048, KeyUsage.ENCRYPT_DECRYPT, KeyId.of(INBOX));
            keys.createKey(KeySpec.HMAC_256, KeyId.of(MAC));
        }
        for (HeldKey key : List.of(HeldKey.SERVICE_RSA, HeldKey.SERVICE_EC)) {
            try (KeyAdministration keys = service(key.name())) {
                keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of(DATA));
                keys.createKey(
                        key == HeldKey.SERVICE_RSA ? KeySpec.RSA_2048 : KeySpec.ECC_NIST_P256,
                        KeyUsage.SIGN_VERIFY,
                        KeyId.of(TestKeys.TLS_ALIAS));
            }
        }
        try (KeyAdministration keys = service(ALONE)) {
            keys.createKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY, KeyId.of(TestKeys.TLS_ALIAS));
        }
    }

    private KeyAdministration service(String name) throws IOException {
        String home = directory.resolve(name).toString();
        Files.writeString(file(name), "local.directory = " + home.replace('\\', '/') + "\n");
        return Backends.openAdministration(Configuration.of(Map.of("local.directory", home)));
    }

    private Path file(String name) {
        return directory.resolve(name + ".properties");
    }

    /** All that are not for TLS. */
    Path all() {
        return file(ALL);
    }

    /** For a TLS server: an AES key, which comes first, and {@link TestKeys#TLS_ALIAS}. */
    Path tls(HeldKey key) {
        return file(key.name());
    }

    /** A key on P-256 for TLS and nothing else. */
    Path tlsAlone() {
        return file(ALONE);
    }
}
