package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.provider.DataKeyUsage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What new data keys are to be like: the options of all commands that make some. */
final class DataKeyOptions {

    @Option(
            names = "--usage",
            paramLabel = "TRANSFORMATION",
            description = "the one thing that a data key is for: AES/GCM/NoPadding, which is the default,"
                    + " AES/KW/NoPadding, AES/KWP/NoPadding, AES/CBC/PKCS5Padding, AES/CTR/NoPadding; for a generated"
                    + " one also HmacSHA256 and its like, which an imported one says itself")
    private @Nullable String usage;

    @Option(
            names = "--extractable",
            description = "programs may have the data key itself, of which nobody knows then what it is used for")
    private boolean extractable;

    boolean isGiven() {
        return usage != null || extractable;
    }

    DataKeyUsage usage() {
        return usage == null ? DataKeyUsage.AES_GCM : Usages.of(usage);
    }

    boolean extractable() {
        return extractable;
    }
}
