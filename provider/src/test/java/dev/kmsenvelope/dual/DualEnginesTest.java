package dev.kmsenvelope.dual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.crypto.CryptoImplementation;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.testing.ChildJvm;
import dev.kmsenvelope.testing.DualMessages;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.File;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import java.util.Map;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RULES 21: two implementations, found by their classes, and no layer without its own. */
class DualEnginesTest {

    /** More than the heap has. */
    private static final String LONG = "36000000";

    private static final String HEAP = "-Xmx32m";

    private static DualEngines engines(String inner, String outer) {
        return DualEngines.of(Configuration.of(Map.of("dual.inner-engine", inner, "dual.outer-engine", outer)));
    }

    @Test
    @DisplayName("Without Corretto: the JDK inside, BouncyCastle outside, which nobody else gets to see")
    void automatic() {
        DualEngines engines = DualEngines.of(Configuration.empty());
        assertThat(engines.inner().gcm().getName()).isEqualTo("SunJCE");
        assertThat(engines.inner().hmac()).isSameAs(engines.inner().gcm());
        assertThat(engines.outer().gcm())
                .isInstanceOf(BouncyCastleProvider.class)
                .isSameAs(engines.outer().hmac())
                .isSameAs(CryptoImplementation.bouncyCastle());
        assertThat(Security.getProvider("BC")).isNull();
        assertThat(engines.inner().sharesCodeWith(engines.outer())).isFalse();
        assertThat(engines.inner().sharesCodeWith(engines.inner())).isTrue();
        assertThat(engines.inner().gcmClass()).isNotEqualTo(engines.outer().gcmClass());
        assertThat(engines.inner().hmacClass()).isNotEqualTo(engines.outer().hmacClass());
    }

    @ParameterizedTest
    @DisplayName("The same implementation twice, and engines that are not there, are refused with both settings' names")
    @CsvSource({
        "SunJCE,SunJCE",
        "auto,SunJCE",
        "BC,BC",
        "BC,auto",
        "auto,Nobody",
        "Nobody,auto",
        "SUN,auto",
        "auto,SunEC"
    })
    void refused(String inner, String outer) {
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(() -> engines(inner, outer).outer())
                .withMessageContaining("dual.");
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(() -> DualEngines.requireValid(
                        Configuration.of(Map.of("dual.inner-engine", inner, "dual.outer-engine", outer))));
        InMemoryKeyService service = DualMessages.service();
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(() -> DualMessages.encrypt(
                        DualMessages.handle(service, "dual.inner-engine", inner, "dual.outer-engine", outer),
                        new byte[1]));
        assertThat(service.generated).as("before any data key").hasValue(0);
    }

    @Test
    @DisplayName("The other way round works too, and either opens what the other wrote")
    void exchanged() throws Exception {
        InMemoryKeyService service = DualMessages.service();
        byte[] message = DualMessages.encrypt(
                DualMessages.handle(service, "dual.inner-engine", "BC", "dual.outer-engine", "SunJCE"), new byte[7]);
        assertThat(DualMessages.decrypt(DualMessages.handle(service), message)).hasSize(7);
    }

    /** Offers another provider's classes, one by one, under a name of its own. */
    private static final class Disguise extends Provider {

        private static final long serialVersionUID = 1L;

        Disguise(Provider other, boolean gcm) {
            super("Disguise", "1", "someone else's classes");
            Provider own = CryptoImplementation.bouncyCastle();
            Provider cipher = gcm ? other : own;
            Provider mac = gcm ? own : other;
            String name = cipher.getService("Cipher", "AES/GCM/NoPadding") != null ? "AES/GCM/NoPadding" : "AES";
            putService(new Borrowed(this, "Cipher", name, cipher.getService("Cipher", name)));
            putService(new Borrowed(this, "Mac", "HmacSHA512", mac.getService("Mac", "HmacSHA512")));
        }

        private static final class Borrowed extends Service {

            private final Service original;

            Borrowed(Provider provider, String type, String name, Service original) {
                super(provider, type, name, "not.the.Name", null, null);
                this.original = original;
            }

            @Override
            public Object newInstance(Object parameter) throws NoSuchAlgorithmException {
                return original.newInstance(parameter);
            }
        }
    }

    @ParameterizedTest
    @DisplayName(
            "A provider that gives out another one's classes, of the cipher or of the HMAC, is told by the classes")
    @CsvSource({"true,SunJCE", "false,SunJCE", "true,BC", "false,BC"})
    void disguised(boolean gcm, String other) {
        Provider real = other.equals("BC") ? CryptoImplementation.bouncyCastle() : Security.getProvider(other);
        Security.addProvider(new Disguise(real, gcm));
        try {
            assertThatExceptionOfType(KmsConfigurationException.class)
                    .isThrownBy(() -> engines(other, "Disguise").outer())
                    .withMessageContaining("separate implementations")
                    .withMessageContaining("Disguise");
        } finally {
            Security.removeProvider("Disguise");
        }
    }

    @Test
    @DisplayName("BouncyCastle before the JDK's providers would hash for both layers: refused, also if it comes later")
    void sharedHash() {
        DualEngines early = DualEngines.of(Configuration.empty());
        assertThat(early.outer().gcm()).isNotNull();
        Security.insertProviderAt(new BouncyCastleProvider(), 1);
        try {
            for (DualEngines engines : new DualEngines[] {early, DualEngines.of(Configuration.empty())}) {
                assertThatExceptionOfType(KmsConfigurationException.class)
                        .isThrownBy(engines::inner)
                        .withMessageContaining("installed before those of the JDK");
            }
        } finally {
            Security.removeProvider("BC");
        }
        assertThat(early.inner().hmac().getName()).isEqualTo("SunJCE");
    }

    @Test
    @DisplayName("The JDK and BouncyCastle, streaming what does not fit into memory")
    void bouncyCastle() throws Exception {
        assertThat(ChildJvm.java().with(HEAP).run(DualTrial.class, LONG))
                .contains("inner: SunJCE", "outer: BC", "all is well");
    }

    private static ChildJvm withCorretto() {
        String jar = System.getProperty("engine.corretto", "");
        assumeTrue(!jar.isEmpty() && new File(jar).isFile(), "the jar of engine.corretto is not there");
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "its native library is for Linux on x86-64");
        return ChildJvm.java()
                .with(HEAP, "-cp", System.getProperty("java.class.path") + File.pathSeparator + jar)
                .with(Runtime.version().feature() >= 22 ? "--enable-native-access=ALL-UNNAMED" : "-ea");
    }

    @Test
    @DisplayName("The JDK and Corretto, where that is on the class path")
    void corretto() throws Exception {
        assertThat(withCorretto().run(DualTrial.class, LONG))
                .contains("inner: SunJCE", "outer: AmazonCorrettoCryptoProvider", "all is well");
    }

    @Test
    @DisplayName("Corretto before the JDK's providers hashes for SunJCE: then the inner layer's HMAC is BouncyCastle's")
    void correttoFirst() throws Exception {
        assertThat(withCorretto().run(DualTrial.class, "1000000", "first"))
                .contains("inner: SunJCE with HMAC by BC", "outer: AmazonCorrettoCryptoProvider", "all is well");
    }
}
