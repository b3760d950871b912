package dev.kmsenvelope.cli;

import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.EnvelopeChannels;
import dev.kmsenvelope.provider.EnvelopeFormat;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KmsSecretKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** What the message to convert is, and what opens it. */
final class OldMessageOptions {

    @Option(
            names = "--from",
            paramLabel = "FORMAT",
            converter = FormatLabel.class,
            description = "the format of FILE: esdk, tink, dual or s3ec (default: what its options or its first bytes"
                    + " say, which tell esdk and dual)")
    private @Nullable EnvelopeFormat format;

    @Option(
            names = "--from-key",
            paramLabel = "KEY",
            description = "only this key and those that the settings name for it may open FILE; of dual, the key of the"
                    + " inner layer (default, for esdk: the keys that it names, if they stand in the settings or a key"
                    + " service lists them)")
    private @Nullable KeyId key;

    @Option(
            names = "--from-outer-key",
            paramLabel = "KEY",
            description = "of dual: the key of the outer layer (default: the setting key.KEY.outer-key)")
    private @Nullable KeyId outerKey;

    @Option(
            names = "--from-context",
            paramLabel = "NAME=VALUE",
            description = "encryption context that is required of FILE; repeat for several")
    private List<String> pairs = new ArrayList<>();

    @ArgGroup
    private @Nullable Aad aad;

    private static final class Aad {

        @Option(names = "--from-aad", paramLabel = "TEXT", description = "the associated data of FILE")
        private @Nullable String text;

        @Option(names = "--from-aad-file", paramLabel = "FILE", description = "the associated data of FILE, in a file")
        private @Nullable Path file;
    }

    @Option(
            names = "--from-metadata",
            paramLabel = "JSON",
            description = "of s3ec, which is implied: the file with the object's user metadata, a JSON object of texts")
    private @Nullable Path metadata;

    @Option(
            names = "--from-tink-keyset",
            paramLabel = "KEYSET",
            description = "of tink, which is implied: FILE is a stream, under the encrypted keyset in this file, in"
                    + " binary form")
    private @Nullable Path keyset;

    @Option(
            names = "--from-tink-keyset-aad",
            paramLabel = "TEXT",
            description = "the associated data of that keyset (default: none)")
    private @Nullable String keysetAad;

    /** Keys that were named. */
    List<KeyId> names() {
        return Stream.of(key, outerKey).filter(Objects::nonNull).toList();
    }

    /** Files that are read besides the message. */
    List<Path> files() {
        return Stream.of(metadata, keyset, aad == null ? null : aad.file)
                .filter(Objects::nonNull)
                .toList();
    }

    /** The associated data; no bytes are the same as none. */
    byte[] associatedData() throws IOException {
        return aad == null ? new byte[0] : AssociatedData.read("--from-aad", aad.text, aad.file);
    }

    /**
     * What decrypts the message.
     *
     * @param stream starts with the message, and supports marks; is where it was afterwards
     * @param data the associated data
     * @throws InvalidMessageException if it cannot be told which key it is for
     */
    EnvelopeChannels channels(InputStream stream, Handles handles, byte[] data)
            throws IOException, GeneralSecurityException {
        EnvelopeFormat known = format(stream, handles);
        requireFit(known);
        EnvelopeParameterSpec.Builder parameters = ContextPairs.parameters("--from-context", pairs);
        if (metadata != null) {
            parameters.s3Metadata(S3MetadataFile.read(metadata));
        }
        EnvelopeChannels channels = EnvelopeChannels.of(handle(known, stream, handles))
                .format(known)
                .with(parameters.build())
                .withAad(data);
        return keyset == null
                ? channels
                : channels.with(TinkKeysets.read(
                        "--from-tink-keyset", keyset, TinkKeysets.aad("--from-tink-keyset-aad", keysetAad)));
    }

    private void requireFit(EnvelopeFormat known) {
        boolean isTink = known == EnvelopeFormat.TINK;
        boolean isS3 = known == EnvelopeFormat.S3EC;
        FormatLabel.requireFit(outerKey != null, "--from-outer-key", known == EnvelopeFormat.DUAL, known);
        FormatLabel.requireFit(metadata != null, "--from-metadata", isS3, known);
        FormatLabel.requireFit(keyset != null, "--from-tink-keyset", isTink, known);
        FormatLabel.requireFit(!pairs.isEmpty(), "--from-context", !isTink, known);
        FormatLabel.requireFit(aad != null, "--from-aad", !isS3, known);
        if (keysetAad != null && keyset == null) {
            throw new UsageException("--from-tink-keyset-aad goes with --from-tink-keyset");
        }
        if (isS3 && metadata == null) {
            throw new UsageException("an S3 object is read with its metadata: --from-metadata");
        }
        if (key == null && known != EnvelopeFormat.ESDK) {
            throw new UsageException("--from-key is missing: a message of the format " + FormatLabel.of(known)
                    + " does not tell its key");
        }
    }

    private KmsSecretKey handle(EnvelopeFormat known, InputStream stream, Handles handles)
            throws IOException, GeneralSecurityException {
        if (key == null) {
            return new MessageKey(handles).of(stream);
        }
        KmsSecretKey handle = handles.of(key);
        return known == EnvelopeFormat.DUAL && outerKey != null ? handle.withOuterKey(handles.of(outerKey)) : handle;
    }

    private EnvelopeFormat format(InputStream stream, Handles handles) throws IOException, InvalidMessageException {
        if (format != null) {
            return format;
        }
        if (metadata != null) {
            return EnvelopeFormat.S3EC;
        }
        return keyset == null ? formatOfBytes(stream, handles) : EnvelopeFormat.TINK;
    }

    private static EnvelopeFormat formatOfBytes(InputStream stream, Handles handles)
            throws IOException, InvalidMessageException {
        EngineSettings settings = EngineSettings.of(handles.configuration());
        stream.mark(settings.limits().maxHeaderLength() + MessageHeader.TAG_LENGTH);
        byte[] start = stream.readNBytes(MessageProbe.START_LENGTH);
        stream.reset();
        if (start.length < MessageProbe.START_LENGTH) {
            throw new InvalidMessageException(
                    InvalidMessageException.Reason.TRUNCATED,
                    start.length == 0 ? "it is empty" : "it has " + start.length + " bytes, too few for any format");
        }
        boolean isMessage = MessageProbe.startsMessage(start);
        if (!isMessage) {
            throw new UsageException(
                    "the first bytes do not tell the format of the message: name it with --from esdk, tink, dual or s3ec");
        }
        MessageHeader header = MessageHeader.read(stream, settings.limits());
        stream.reset();
        return header.context().containsName(EncryptionContext.LAYER_NAME) ? EnvelopeFormat.DUAL : EnvelopeFormat.ESDK;
    }
}
