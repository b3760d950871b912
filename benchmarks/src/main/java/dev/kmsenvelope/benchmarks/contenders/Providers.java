package dev.kmsenvelope.benchmarks.contenders;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.Provider;
import java.security.Security;
import java.util.Objects;
import java.util.Optional;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.conscrypt.Conscrypt;

/** The JCA providers that do raw AES-GCM, and whether this platform has them. */
final class Providers {

    private Providers() {}

    static Provider sunJce() {
        return Objects.requireNonNull(Security.getProvider("SunJCE"), "this JDK has no SunJCE");
    }

    static Provider bouncyCastle() {
        return new BouncyCastleProvider();
    }

    /** Why ACCP cannot run here, or empty. Its native library comes with it for Linux on x86_64 only. */
    static Optional<String> whyNoAccp() {
        try {
            return AmazonCorrettoCryptoProvider.INSTANCE.getLoadingError() == null
                    ? Optional.empty()
                    : Optional.of("its native library does not load on this platform");
        } catch (LinkageError e) {
            return Optional.of("its native library does not load on this platform");
        }
    }

    static Provider accp() {
        return AmazonCorrettoCryptoProvider.INSTANCE;
    }

    /** The same, found by its name too, behind all others: what the setting {@code engine} needs. */
    static void installAccp() {
        Security.addProvider(AmazonCorrettoCryptoProvider.INSTANCE);
    }

    /** Why Conscrypt cannot run here, or empty. */
    static Optional<String> whyNoConscrypt() {
        try {
            return Conscrypt.isAvailable()
                    ? Optional.empty()
                    : Optional.of("its native library does not load on this platform");
        } catch (LinkageError e) {
            return Optional.of("its native library does not load on this platform");
        }
    }

    static Provider conscrypt() {
        return Conscrypt.newProvider();
    }
}
