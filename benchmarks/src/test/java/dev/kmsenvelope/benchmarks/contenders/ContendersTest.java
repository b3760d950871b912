package dev.kmsenvelope.benchmarks.contenders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.benchmarks.SharedContender;
import dev.kmsenvelope.benchmarks.StreamBenchmark;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openjdk.jmh.annotations.Param;

/** What is measured does what it says. */
class ContendersTest {

    private static final int[] SIZES = {1, 64, 1024, 16384, 1024 * 1024};

    private static void assumeAvailable(String id, Optional<String> unavailable) {
        assumeTrue(unavailable.isEmpty(), () -> id + " is left out: " + unavailable.orElse(""));
    }

    @ParameterizedTest
    @EnumSource
    void opensWhatItWroteAndWhatThoseOfItsFormatWrote(ContenderName name) throws Exception {
        assumeAvailable(name.id(), name.unavailable());
        try (Contender contender = name.open()) {
            assertThat(contender.name()).isEqualTo(name);
            Contender.Session session = contender.open();
            for (int size : SIZES) {
                RoundTrips.verify(contender, session, RoundTrips.plaintext(size));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatWasChanged(ContenderName name) throws Exception {
        assumeAvailable(name.id(), name.unavailable());
        try (Contender contender = name.open()) {
            Contender.Session session = contender.open();
            byte[] message = session.encrypt(RoundTrips.plaintext(1024));
            message[message.length - 1] ^= 1;
            assertThatThrownBy(() -> session.decrypt(message)).isInstanceOf(Exception.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void sessionsOfOneContenderOpenEachOthersMessages(ContenderName name) throws Exception {
        assumeAvailable(name.id(), name.unavailable());
        try (Contender contender = name.open()) {
            byte[] plaintext = RoundTrips.plaintext(64);
            byte[] message = contender.open().encrypt(plaintext);
            assertThat(contender.open().decrypt(message)).isEqualTo(plaintext);
            assertThat(contender.open().encrypt(plaintext)).isNotEqualTo(message);
        }
    }

    @ParameterizedTest
    @EnumSource
    void streamsRoundTrip(StreamContenderName name) throws Exception {
        assumeAvailable(name.id(), name.unavailable());
        try (StreamContender contender = name.open()) {
            for (int size : new int[] {1, StreamContender.PIECE, 3 * StreamContender.PIECE + 17}) {
                assertThat(RoundTrips.verify(contender, RoundTrips.plaintext(size)))
                        .hasSizeGreaterThan(size);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void streamsRefuseWhatWasChanged(StreamContenderName name) throws Exception {
        assumeAvailable(name.id(), name.unavailable());
        try (StreamContender contender = name.open()) {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            contender.encrypt(RoundTrips.plaintext(StreamContender.PIECE), message);
            byte[] changed = message.toByteArray();
            changed[changed.length / 2] ^= 1;
            assertThatThrownBy(() -> contender.decrypt(changed, OutputStream.nullOutputStream()))
                    .isInstanceOf(Exception.class);
        }
    }

    @Test
    @DisplayName("A contender that gives back something else is not measured")
    void theGuardFindsABrokenContender() {
        Contender broken = new BrokenContender();
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> RoundTrips.verify(broken, broken.open(), RoundTrips.plaintext(64)))
                .withMessageContaining("sunjce");
    }

    private static final class BrokenContender implements Contender {

        @Override
        public ContenderName name() {
            return ContenderName.SUNJCE;
        }

        @Override
        public Session open() {
            return new Session() {
                @Override
                public byte[] encrypt(byte[] plaintext) {
                    return plaintext.clone();
                }

                @Override
                public byte[] decrypt(byte[] message) {
                    return new byte[message.length];
                }
            };
        }

        @Override
        public void close() {}
    }

    @Test
    void theBenchmarksOfferAllContenders() throws Exception {
        assertThat(SharedContender.class
                        .getField("contender")
                        .getAnnotation(Param.class)
                        .value())
                .containsExactlyInAnyOrder(Arrays.stream(ContenderName.values())
                        .map(ContenderName::id)
                        .toArray(String[]::new));
        assertThat(StreamBenchmark.class
                        .getField("contender")
                        .getAnnotation(Param.class)
                        .value())
                .containsExactlyInAnyOrder(Arrays.stream(StreamContenderName.values())
                        .map(StreamContenderName::id)
                        .toArray(String[]::new));
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> ContenderName.of("nobody"))
                .withMessageContaining("esdk-keyring");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> StreamContenderName.of("nobody"))
                .withMessageContaining("tink-streaming");
    }
}
