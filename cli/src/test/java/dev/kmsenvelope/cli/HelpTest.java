package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "demo",
                "encrypt",
                "decrypt",
                "cat",
                "inspect",
                "reencrypt",
                "convert",
                "rewrap",
                "dependencies",
                "doctor",
                "cache",
                "cache flush",
                "cache stats",
                "key",
                "key create",
                "key list",
                "key describe",
                "key alias",
                "key public-key",
                "key rotate",
                "key rotation",
                "key disable",
                "key enable",
                "key delete",
                "key backup",
                "key restore",
                "key passphrase",
                "branch-key",
                "branch-key create",
                "branch-key rotate",
                "branch-key list",
                "branch-key describe",
                "keystore",
                "keystore create",
                "keystore list",
                "keystore add-key",
                "keystore import",
                "keystore export-cert",
                "keystore rewrap",
                "keystore verify"
            })
    void everyCommandExplainsItselfAndTheExitCodes(String command) {
        String[] arguments = (command + " --help").strip().split(" ");
        Cli.Result result = Cli.bare(new byte[0], arguments).ok();
        assertThat(result.text()).contains("Usage: kms-envelope " + command, "Exit codes:", "the message is wrong");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void theVersionNamesProgramJavaAndSystem() {
        assertThat(Cli.bare(new byte[0], "--version").ok().text().lines())
                .hasSize(3)
                .anyMatch(line -> line.startsWith("kms-envelope "))
                .anyMatch(line -> line.startsWith("Java " + System.getProperty("java.version")));
    }
}
