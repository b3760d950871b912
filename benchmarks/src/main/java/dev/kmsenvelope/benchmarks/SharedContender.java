package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.benchmarks.contenders.Contender;
import dev.kmsenvelope.benchmarks.contenders.ContenderName;
import java.io.IOException;
import java.security.GeneralSecurityException;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What all threads of a benchmark share: a contender with its key. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first
public class SharedContender {

    /** Who does it: a {@link ContenderName#id()}. */
    @Param({
        "envelope",
        "envelope-accp",
        "envelope-local",
        "gcm-kms",
        "engine",
        "primitives",
        "sunjce",
        "accp",
        "bouncycastle",
        "conscrypt",
        "tink",
        "esdk",
        "esdk-keyring",
        "esdk-signed"
    })
    public String contender = "";

    private Contender opened;

    /** Sets the contender up. */
    @Setup(Level.Trial)
    public void setUp() throws GeneralSecurityException, IOException {
        opened = ContenderName.of(contender).open();
    }

    /** Ends it. */
    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        opened.close();
    }

    Contender get() {
        return opened;
    }
}
