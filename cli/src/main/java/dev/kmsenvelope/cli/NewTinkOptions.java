package dev.kmsenvelope.cli;

import dev.kmsenvelope.provider.EnvelopeChannels;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.provider.TinkParameterSpec;
import dev.kmsenvelope.provider.TinkStreamingTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which messages of Tink are written. */
final class NewTinkOptions {

    @Option(
            names = "--tink-key-id",
            paramLabel = "ID",
            description = "of tink: write the prefix of the key with this id in a keyset of Tink, 0 to 4294967295"
                    + " (default: no prefix)")
    private @Nullable Long keyId;

    @Option(
            names = "--tink-keyset",
            paramLabel = "KEYSET",
            description = "of tink: write an AES-GCM-HKDF stream under the encrypted keyset in this file, in binary"
                    + " form, which --key decrypts (default: an envelope message, which is short: it is read as a"
                    + " whole)")
    private @Nullable Path keyset;

    @Option(
            names = "--tink-keyset-aad",
            paramLabel = "TEXT",
            description = "the associated data of that keyset (default: none)")
    private @Nullable String keysetAad;

    @Option(
            names = "--tink-template",
            paramLabel = "TEMPLATE",
            description = "make that keyset, in a new file, with a key like this: ${COMPLETION-CANDIDATES}")
    private @Nullable TinkStreamingTemplate template;

    boolean isGiven() {
        return keyId != null || keyset != null || keysetAad != null || template != null;
    }

    /** The file of a keyset that is to be made, or null if none is. */
    @Nullable
    Path newKeyset() {
        return template == null ? null : keyset;
    }

    /** The file of a keyset that is read, or null if none is. */
    @Nullable
    Path oldKeyset() {
        return template == null ? keyset : null;
    }

    void requireValid() {
        if (keyset == null && (keysetAad != null || template != null)) {
            throw new UsageException("--tink-template and --tink-keyset-aad go with --tink-keyset");
        }
        if (keyId != null && keyset != null) {
            throw new UsageException("--tink-key-id and --tink-keyset exclude each other: streams have no prefix");
        }
        if (keyId != null && (keyId < 0 || keyId > 0xFFFF_FFFFL)) {
            throw new UsageException("--tink-key-id is 0 to " + 0xFFFF_FFFFL);
        }
        if (template != null && keyset != null && Files.exists(keyset, LinkOption.NOFOLLOW_LINKS)) {
            throw new UsageException("--tink-template makes a new keyset, and there is a file "
                    + Text.oneLine(keyset.toString()) + " already; without --tink-template that one is used");
        }
    }

    /**
     * Adds the parameters.
     *
     * @param channels for messages of Tink
     * @param handle the key that decrypts the keyset
     * @param files takes a keyset that is made
     */
    EnvelopeChannels with(EnvelopeChannels channels, KmsSecretKey handle, NewFiles files)
            throws IOException, InvalidKeyException {
        if (keyId != null) {
            return channels.with(TinkParameterSpec.ofKeyId(keyId.intValue()));
        }
        if (keyset == null) {
            return channels;
        }
        byte[] aad = TinkKeysets.aad("--tink-keyset-aad", keysetAad);
        if (template == null) {
            return channels.with(TinkKeysets.read("--tink-keyset", keyset, aad));
        }
        byte[] made = template.newKeyset(handle, aad);
        files.writeCompanion(made);
        return channels.with(TinkParameterSpec.ofKeyset(made, aad));
    }
}
