package dev.kmsenvelope.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several key services in one configuration. */
class KeyServicesTest {

    @TempDir
    private Path directory;

    private static Configuration settings(String... pairs) {
        Map<String, String> values = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            values.put(pairs[i], pairs[i + 1]);
        }
        return Configuration.of(values);
    }

    private static void check(Configuration configuration) {
        configuration.requireKnown(KeyServices.configurationKeys(configuration));
    }

    private KeyDescription create(String home) {
        Configuration local =
                settings("local.directory", directory.resolve(home).toString());
        try (KeyAdministration keys = Backends.openAdministration(local)) {
            return keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of("alias/orders"));
        }
    }

    @Test
    @DisplayName("A further service has its own settings under its name, and knows only its own keys")
    void furtherServices() {
        KeyDescription here = create("main");
        KeyDescription there = create("eu");
        Configuration configuration = settings(
                "local.directory", directory.resolve("main").toString(),
                "service.eu.backend", "local",
                "service.eu.local.directory", directory.resolve("eu").toString());
        check(configuration);
        try (KeyServices services = KeyServices.open(configuration)) {
            KeyService eu = services.of(KeyReference.parse("eu:alias/orders", Set.of("eu")));
            assertThat(services.further()).containsOnlyKeys("eu").containsValue(eu);
            assertThat(eu.name()).isEqualTo("eu");
            assertThat(services.main().list()).extracting(KeyDescription::id).containsExactly(here.id());
            assertThat(eu.list()).extracting(KeyDescription::id).containsExactly(there.id());
            assertThat(services.of(KeyReference.ofMain(here.id()))).isSameAs(services.main());
            assertThatThrownBy(() -> services.of(KeyReference.parse("us:x", Set.of("us"))))
                    .isInstanceOf(KmsConfigurationException.class)
                    .hasMessageContainingAll("us", "eu");
        }
    }

    @Test
    @DisplayName("What is wrong with a further service hurts only those who use it, names its settings, and may heal")
    void openedWhenNeeded() {
        Configuration configuration = settings(
                "local.directory", directory.resolve("main").toString(),
                "service.recovery.backend", "application",
                "service.recovery.application.keystore",
                        directory.resolve("none.p12").toString(),
                "service.bad.backend", "application",
                "service.bad.application.namespace", "aws-kms");
        check(configuration);
        create("main");
        try (KeyServices services = KeyServices.open(configuration)) {
            assertThat(services.main().list()).hasSize(1);
            KeyService recovery = services.further().get("recovery");
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(recovery::list)
                        .isInstanceOf(KmsConfigurationException.class)
                        .hasMessageContainingAll("service.recovery.*", "none.p12");
            }
            assertThatThrownBy(() -> services.further().get("bad").list())
                    .isInstanceOf(KmsConfigurationException.class)
                    .hasMessageContainingAll("service.bad.*", "application.namespace");
        }
    }

    @Test
    @DisplayName("It is opened once it can be, once for all, and closed once if it was opened")
    void opensOnce() {
        AtomicInteger opened = new AtomicInteger();
        InMemoryKeyService real = new InMemoryKeyService().withKey("k");
        LazyKeyService lazy = new LazyKeyService("lazy", () -> {
            if (opened.getAndIncrement() == 0) {
                throw new KmsUnavailableException("not yet");
            }
            return real;
        });
        assertThat(lazy.name()).isEqualTo("lazy");
        assertThat(opened).hasValue(0);
        assertThatThrownBy(lazy::list).isInstanceOf(KmsUnavailableException.class);
        assertThat(lazy.list()).hasSize(1);
        assertThat(lazy.decryptionKeys(KeyId.of("k"))).hasSize(1);
        assertThat(opened).hasValue(2);
        lazy.close();
        assertThat(real.key("k")).as("closed").containsOnly(0);

        LazyKeyService never = new LazyKeyService("never", () -> {
            throw new AssertionError("opened");
        });
        never.close();
        assertThatThrownBy(never::list).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("Closing closes all, also when one fails")
    void closesAll() {
        List<String> closed = new ArrayList<>();
        KeyServices services =
                KeyServices.of(closing("main", closed), Map.of("a", closing("a", closed), "b", closing("b", closed)));
        assertThatThrownBy(services::close)
                .isInstanceOf(IllegalStateException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));
        assertThat(closed).containsExactlyInAnyOrder("main", "a", "b");
    }

    private static KeyService closing(String name, List<String> closed) {
        return dev.kmsenvelope.testing.KeyServices.failingAt("close", new InMemoryKeyService(), () -> {
            closed.add(name);
            return new IllegalStateException(name);
        });
    }

    @Test
    @DisplayName("The lazy service passes on every operation, those with a default too")
    void everyOperation() {
        List<String> passedOn = Arrays.stream(LazyKeyService.class.getDeclaredMethods())
                .map(KeyServicesTest::signature)
                .toList();
        for (Method method : KeyService.class.getMethods()) {
            if (!Modifier.isStatic(method.getModifiers())) {
                assertThat(passedOn).contains(signature(method));
            }
        }
        LazyKeyService lazy = new LazyKeyService("lazy", () -> new InMemoryKeyService().withKey("k"));
        assertThat(lazy.capability(InMemoryKeyService.class)).isPresent();
        KeyId key = KeyId.of("k");
        var pair = lazy.generateDataKey(key, 32, EncryptionContext.empty());
        assertThat(lazy.fromBlob(key, lazy.toBlob(pair.encrypted()))).isEqualTo(pair.encrypted());
        assertThat(lazy.keyOf(pair.encrypted())).contains(key);
    }

    private static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }

    @ParameterizedTest
    @DisplayName("A misspelt setting is an error that names the nearest right one")
    @CsvSource({
        "service.eu.local.dirctory, service.eu.local.directory",
        "service.eu.bakend, service.eu.backend",
        "service.eu.key.alias/x.usage, nearest",
        "servce.eu.backend, service.eu.backend",
        "servce.us.backend, service.eu.backend",
        "service.eu.service.us.backend, nearest",
        "service.backend, backend"
    })
    void unknownSettings(String misspelt, String nearest) {
        assertThatThrownBy(() -> check(settings("service.eu.backend", "local", misspelt, "x")))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining(nearest);
    }

    @Test
    void withoutFurtherServicesTheirFormIsNamed() {
        assertThatThrownBy(() -> check(settings("servce.eu.backend", "local")))
                .hasMessageContaining("service.<name>.backend");
    }

    @ParameterizedTest
    @DisplayName("A name that a service cannot have, no backend, or one that there is not")
    @CsvSource({
        "service.arn.backend, local, arn",
        "service.alias.backend, local, alias",
        "service.Eu.backend, local, Eu",
        "service.1.backend, local, lower-case",
        "service.e_u.backend, local, e_u",
        "service.eu.local.directory, /x, service.eu.backend",
        "service.eu.backend, lokal, service.eu.*"
    })
    void impossibleServices(String name, String value, String word) {
        assertThatThrownBy(() -> check(settings(name, value)))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining(word);
    }

    @Test
    void aProgramCannotGiveSuchANameEither() {
        Map<String, KeyService> further = Map.of("arn", new InMemoryKeyService());
        assertThatThrownBy(() -> KeyServices.of(new InMemoryKeyService(), further))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @DisplayName("Only the name of a service before a colon is one")
    @CsvSource({
        "eu:alias/orders, eu, alias/orders",
        "eu:arn:aws:kms:eu-west-1:111122223333:key/x, eu, arn:aws:kms:eu-west-1:111122223333:key/x",
        "arn:aws:kms:eu-west-1:111122223333:key/x, , arn:aws:kms:eu-west-1:111122223333:key/x",
        "alias/eu:x, , alias/eu:x",
        "EU:x, , EU:x",
        "eu, , eu",
        ":x, , :x"
    })
    void references(String text, String service, String key) {
        KeyReference reference = KeyReference.parse(text, Set.of("eu"));
        assertThat(reference.service().orElse(null)).isEqualTo(service);
        assertThat(reference.key().value()).isEqualTo(key);
        assertThat(reference).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ue:alias/orders", "us:x", "eu:", "", "eu:a b"})
    void wrongReferences(String text) {
        assertThatThrownBy(() -> KeyReference.parse(text, Set.of("eu"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theNearestServiceIsNamed() {
        assertThatThrownBy(() -> KeyReference.parse("recovry:k", Set.of("eu", "recovery")))
                .hasMessageContainingAll("'recovry'", "'recovery'");
        assertThatThrownBy(() -> KeyReference.parse("x:k", Set.of())).hasMessageContaining("service.x.backend");
        assertThatCode(() -> KeyServices.configurationKeys(Configuration.empty()))
                .doesNotThrowAnyException();
    }
}
