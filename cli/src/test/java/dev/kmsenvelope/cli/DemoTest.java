package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.security.Security;
import org.junit.jupiter.api.Test;

class DemoTest {

    @Test
    void everyStepHoldsAndTheProcessIsLeftAsItWas() {
        Cli.Result result = Cli.bare(new byte[0], "demo").ok();
        assertThat(result.text()).contains("1. ", "8. ", "All steps held");
        assertThat(result.text().lines().filter(line -> line.contains("refused: ")))
                .hasSize(2);
        assertThat(result.err()).isEmpty();
        assertThat(Security.getProvider(KmsEnvelopeProvider.NAME)).isNull();
    }
}
