package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.testing.ChildJvm;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The lease counter under every interleaving that Lincheck finds for a few threads and steps. */
class LeaseModelsTest {

    @Test
    @DisplayName(
            "Leases are linearizable; a key is wiped once, never while it is used, always in the end; mistakes are found")
    void models() throws Exception {
        // Lincheck loads an agent, extends the boot class path and reads fields by Unsafe, which some JDKs warn of.
        List<String> lines = ChildJvm.java()
                .quick()
                .with("-XX:+EnableDynamicAgentLoading", "-Xshare:off", "-Dsun.misc.unsafe.memory.access=allow")
                .run(LeaseModels.class, Integer.toString(1 + Integer.getInteger("kmsenvelope.test.stress", 0)));
        assertThat(lines)
                .contains("LeaseCounter=" + LeaseModels.CORRECT)
                .contains("LeaseCounter with three threads=" + LeaseModels.CORRECT)
                .contains("LooksBeforeItCounts=" + LeaseModels.WRONG)
                .contains("ForgetsToLookAtTheEnd=" + LeaseModels.WRONG)
                .noneMatch(line -> line.startsWith("WARNING"));
    }
}
