package dev.kmsenvelope.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.registration.ChildJvm.Result;
import dev.kmsenvelope.registration.programs.RawKeysOnly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program pays for the provider being registered when it has no key of ours. */
class StartUpIT {

    private static final String NAME = "KmsEnvelope";
    private static final Pattern OURS =
            Pattern.compile("\\b(dev\\.kmsenvelope\\.(?!registration)[\\w.$]+|org\\.bouncycastle\\.[\\w.$]+)");
    private static final Set<String> CONSTRUCTED = Set.of(
            "dev.kmsenvelope.engine.MessageDecryptor$Release",
            "dev.kmsenvelope.provider.EnvelopeFormat",
            "dev.kmsenvelope.provider.KmsCipherSpi$Kind",
            "dev.kmsenvelope.provider.KmsEnvelopeProvider",
            "dev.kmsenvelope.provider.KmsEnvelopeProvider$$Lambda",
            "dev.kmsenvelope.provider.KmsEnvelopeProvider$EnvelopeCipher",
            "dev.kmsenvelope.provider.KmsEnvelopeProvider$Maker",
            "dev.kmsenvelope.provider.KmsEnvelopeProvider$NamedMaker",
            "dev.kmsenvelope.provider.KmsEnvelopeProvider$Offer",
            "dev.kmsenvelope.provider.KmsEnvelopeProvider$RsaCipher",
            "dev.kmsenvelope.provider.KmsEnvelopeProvider$StoredCipher",
            "dev.kmsenvelope.provider.KmsEnvelopeProvider$WrapCipher");
    private static final int RUNS = 20;

    @TempDir
    private static Path shared;

    private static Path tlsKey;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeTlsKey() throws Exception {
        tlsKey = shared.resolve("tls.p12");
        ChildJvm.keytool()
                .with("-genkeypair", "-alias", "tls", "-keyalg", "EC", "-groupname", "secp256r1")
                .with("-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1", "-storetype", "PKCS12")
                .run("-keystore", tlsKey.toString(), "-storepass", "changeit")
                .succeeded();
    }

    @Test
    void asTheLastProviderItIsNotEvenLoaded() throws Exception {
        Path file = SecurityProperties.last(directory.resolve("file.security"), NAME);

        assertThat(loaded(ChildJvm.java().properties(file))).isEmpty();
    }

    /** The JDK's TLS looks for algorithms that no provider has, and so constructs every provider that is registered. */
    @Test
    void asTheLastProviderOfATlsServerItIsConstructedAndNothingElse() throws Exception {
        Path file = SecurityProperties.last(directory.resolve("file.security"), NAME);

        assertThat(loaded(ChildJvm.java().properties(file), tlsKey.toString(), "changeit"))
                .containsExactlyInAnyOrderElementsOf(CONSTRUCTED);
    }

    /** The JDK makes one object of each implementation before it knows the key; ours do nothing yet. */
    @Test
    void asTheFirstProviderItMakesACipherForARawKeyThatDoesNothing() throws Exception {
        Path file = SecurityProperties.wholeWithFirst(directory.resolve("java.security"), NAME);

        Set<String> loaded =
                loaded(ChildJvm.java().with("-Djava.security.properties==" + file), tlsKey.toString(), "changeit");

        assertThat(loaded)
                .containsAll(CONSTRUCTED)
                .allMatch(name -> name.matches(
                        "dev\\.kmsenvelope\\.((provider|engine|crypto|kms)\\..*|format\\.InvalidMessageException)"))
                .hasSizeLessThan(75);
    }

    /** The classes of ours, and of the library that we bring along, that the JVM's log names. */
    private Set<String> loaded(ChildJvm child, String... arguments) throws Exception {
        Path log = directory.resolve("classes.log");
        Result expected =
                ChildJvm.java().with(RawKeysOnly.class.getName()).run(arguments).succeeded();
        Result result = child.with("-Xlog:class+load:file=" + log, RawKeysOnly.class.getName())
                .run(arguments)
                .succeeded();
        assertThat(result.out()).as("work and threads").isEqualTo(expected.out());
        assertThat(result.err()).isEmpty();
        String lines = Files.readString(log);
        assertThat(lines).contains(RawKeysOnly.class.getName());
        Set<String> names = new TreeSet<>();
        Matcher matcher = OURS.matcher(lines);
        while (matcher.find()) {
            names.add(matcher.group().replaceAll("\\$\\$Lambda.*", "\\$\\$Lambda"));
        }
        return names;
    }

    @Test
    void medians() throws Exception {
        assumeTrue(
                Boolean.getBoolean("kmsenvelope.test.startup"),
                "a measurement, not a test; run it with -Dkmsenvelope.test.startup=true");
        Path last = SecurityProperties.last(directory.resolve("file.security"), NAME);
        Path first = SecurityProperties.wholeWithFirst(directory.resolve("java.security"), NAME);
        Path home = LocalKeys.create(directory.resolve("home"), "alias/demo");
        List<Long> without = new ArrayList<>();
        List<Long> withLast = new ArrayList<>();
        List<Long> withFirst = new ArrayList<>();
        List<Long> used = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            without.add(milliseconds(ChildJvm.java().with(RawKeysOnly.class.getName())));
            withLast.add(milliseconds(ChildJvm.java().properties(last).with(RawKeysOnly.class.getName())));
            withFirst.add(milliseconds(
                    ChildJvm.java().with("-Djava.security.properties==" + first, RawKeysOnly.class.getName())));
            used.add(milliseconds(ChildJvm.java()
                    .properties(last)
                    .home(home)
                    .with("dev.kmsenvelope.registration.programs.RoundTrip", "alias/demo")));
        }
        System.out.printf(
                "start-up on %s, median of %d runs: without the provider %d ms, registered last %d ms, first %d ms;"
                        + " with a key of ours %d ms%n",
                System.getProperty("java.version"),
                RUNS,
                median(without),
                median(withLast),
                median(withFirst),
                median(used));
    }

    private static long milliseconds(ChildJvm child) throws IOException, InterruptedException {
        long start = System.nanoTime();
        child.run().succeeded();
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    private static long median(List<Long> values) {
        Collections.sort(values);
        return (values.get(values.size() / 2 - 1) + values.get(values.size() / 2)) / 2;
    }
}
