package dev.kmsenvelope.cli;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.EnvelopeFormat;
import dev.kmsenvelope.provider.KmsSecretKey;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether messages have two layers, and under which key the outer one is. */
final class DualOptions {

    @Option(
            names = "--dual",
            description = "two layers of encryption, one message inside another, by two implementations: the inner one"
                    + " under --key, the outer one under --outer-key")
    private boolean dual;

    @Option(
            names = "--outer-key",
            paramLabel = "KEY",
            description = "with --dual: the key of the outer layer, named like --key (default: the setting"
                    + " key.KEY.outer-key)")
    private @Nullable KeyId outerKey;

    boolean isDual() {
        if (outerKey != null && !dual) {
            throw new UsageException("--outer-key goes with --dual");
        }
        return dual;
    }

    EnvelopeFormat format() {
        return isDual() ? EnvelopeFormat.DUAL : EnvelopeFormat.ESDK;
    }

    /** A handle with the outer key that was named, if one was. */
    KmsSecretKey with(KmsSecretKey handle, Handles handles) {
        return outerKey == null ? handle : handle.withOuterKey(handles.of(outerKey));
    }

    /** Those names with that of the outer key. */
    List<KeyId> names(List<KeyId> others) {
        return outerKey == null
                ? others
                : Stream.concat(others.stream(), Stream.of(outerKey)).toList();
    }
}
