package dev.kmsenvelope.cli;

import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Security;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.Command;

/** {@code demo}. */
@Command(
        name = "demo",
        header = "Show what envelope encryption does, step by step, with a throw-away key.",
        description = {
            "Works in a temporary directory, which is deleted at the end; nothing else is touched, and no network is"
                    + " needed. Exit code 0 only if every step did what it says."
        })
final class DemoCommand implements Callable<Integer> {

    private static final Logger LOCAL = Logger.getLogger("dev.kmsenvelope.local");

    private final Stdio stdio;

    DemoCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    /** The warning that a generated secret protects the keys is for keys that stay. */
    private static void silenceKeyStore() {
        LOCAL.setLevel(Level.SEVERE);
    }

    @Override
    public Integer call() throws IOException, GeneralSecurityException {
        silenceKeyStore();
        int position = Security.addProvider(new KmsEnvelopeProvider());
        try (TemporaryDirectory directory = new TemporaryDirectory()) {
            new Demo(stdio, directory.path()).run();
        } finally {
            if (position > 0) {
                Security.removeProvider(KmsEnvelopeProvider.NAME);
            }
        }
        return ExitCode.OK;
    }
}
