package dev.kmsenvelope.cli;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.EnvelopeChannels;
import dev.kmsenvelope.provider.EnvelopeFormat;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.provider.S3EncryptionMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a message is converted to, and who opens it then. */
final class NewMessageOptions {

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Option(
            names = "--to",
            required = true,
            paramLabel = "FORMAT",
            converter = FormatLabel.class,
            description = "the format of the new message: esdk, tink, dual or s3ec")
    private EnvelopeFormat format;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Option(
            names = {"-k", "--key"},
            required = true,
            paramLabel = "KEY",
            description = "the key of the new message: alias/NAME, key id or ARN; SERVICE:KEY for a further key service"
                    + " of the settings; of dual, the key of the inner layer")
    private KeyId key;

    @Option(
            names = "--outer-key",
            paramLabel = "KEY",
            description = "of dual: the key of the outer layer (default: the setting key.KEY.outer-key)")
    private @Nullable KeyId outerKey;

    @Option(
            names = {"-r", "--recipient"},
            paramLabel = "KEY",
            description = "of esdk: a further key, which alone opens the new message too; repeat for several")
    private List<KeyId> recipients = new ArrayList<>();

    @Option(
            names = "--frame-length",
            paramLabel = "BYTES",
            description =
                    "of esdk and dual: plaintext bytes per frame, 1 to 16777216 (default: the setting, else 65536)")
    private @Nullable Integer frameLength;

    @Option(
            names = "--context",
            paramLabel = "NAME=VALUE",
            description = "the encryption context of the new message instead of that of FILE, which is kept otherwise;"
                    + " repeat for several")
    private List<String> pairs = new ArrayList<>();

    @Option(
            names = "--drop-context",
            description =
                    "do not keep the encryption context of FILE; needed for tink, which has none, if FILE has one")
    private boolean dropContext;

    @ArgGroup
    private @Nullable Aad aad;

    private static final class Aad {

        @Option(
                names = "--aad",
                paramLabel = "TEXT",
                description = "the associated data of the new message, '' for none (default: that of FILE)")
        private @Nullable String text;

        @Option(names = "--aad-file", paramLabel = "FILE", description = "the same out of a file")
        private @Nullable Path file;
    }

    @Option(
            names = "--metadata",
            paramLabel = "JSON",
            description = "of s3ec, which needs it: the file to write the object's user metadata to, as a JSON object")
    private @Nullable Path metadata;

    @Mixin
    private NewTinkOptions tink = new NewTinkOptions();

    /** Keys that were named. */
    List<KeyId> names() {
        return Stream.concat(Stream.of(key), Stream.concat(recipients.stream(), Stream.ofNullable(outerKey)))
                .toList();
    }

    /** The file that is written beside the message; null for none. */
    @Nullable
    Path companion() {
        return metadata == null ? tink.newKeyset() : metadata;
    }

    /** Whether that file may take the place of another one; a new keyset never does, for other streams would be lost. */
    boolean replacesCompanion(boolean force) {
        return force && metadata != null;
    }

    /** Files that are read. */
    List<Path> files() {
        return Stream.of(aad == null ? null : aad.file, tink.oldKeyset())
                .filter(Objects::nonNull)
                .toList();
    }

    /** Whether the encryption context of the old message is not kept. */
    boolean dropsContext() {
        return dropContext || !pairs.isEmpty();
    }

    /** The new associated data: the old one, unless the user says otherwise. */
    byte[] associatedData(byte[] old) throws IOException {
        byte[] data = aad == null ? old : AssociatedData.read("--aad", aad.text, aad.file);
        if (data.length > 0 && format == EnvelopeFormat.S3EC) {
            throw new UsageException("messages of the format s3ec have no associated data: --aad '' leaves it out");
        }
        return data;
    }

    /** Refuses options that the format has no place for. */
    void requireFit() {
        boolean isTink = format == EnvelopeFormat.TINK;
        boolean isDual = format == EnvelopeFormat.DUAL;
        boolean isS3 = format == EnvelopeFormat.S3EC;
        FormatLabel.requireFit(outerKey != null, "--outer-key", isDual, format);
        FormatLabel.requireFit(!recipients.isEmpty(), "--recipient", format == EnvelopeFormat.ESDK, format);
        FormatLabel.requireFit(frameLength != null, "--frame-length", !isTink && !isS3, format);
        FormatLabel.requireFit(!pairs.isEmpty(), "--context", !isTink, format);
        FormatLabel.requireFit(metadata != null, "--metadata", isS3, format);
        FormatLabel.requireFit(tink.isGiven(), "an option for tink", isTink, format);
        tink.requireValid();
        if (metadata != null && Input.isPipe(metadata)) {
            throw new UsageException("--metadata names a file; standard output is for the message");
        }
        if (isS3 && metadata == null) {
            throw new UsageException("an S3 object without its metadata is lost: --metadata says where to write it");
        }
    }

    /**
     * What encrypts the message.
     *
     * @param data the associated data
     * @param files takes what is written beside the message
     */
    EnvelopeChannels channels(Handles handles, byte[] data, NewFiles files)
            throws IOException, GeneralSecurityException {
        EnvelopeParameterSpec.Builder parameters = ContextPairs.parameters("--context", pairs);
        EncryptCommand.setFrameLength(parameters, frameLength);
        KmsSecretKey handle = handle(handles);
        EnvelopeChannels channels = EnvelopeChannels.of(handle)
                .format(format)
                .with(parameters.build())
                .withAad(data);
        if (metadata != null) {
            return channels.withS3MetadataTo(written -> write(written, files));
        }
        return tink.with(channels, handle, files);
    }

    private static void write(S3EncryptionMetadata metadata, NewFiles files) {
        try {
            files.writeCompanion(S3MetadataFile.bytes(metadata));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private KmsSecretKey handle(Handles handles) {
        KmsSecretKey handle = EncryptCommand.withRecipients(handles, key, recipients);
        return outerKey == null ? handle : handle.withOuterKey(handles.of(Objects.requireNonNull(outerKey)));
    }
}
