package dev.kmsenvelope.cli;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.provider.S3EncryptionMetadata;
import dev.kmsenvelope.s3.FlatJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The user metadata of an S3 object in a file: a JSON object of texts, as {@code aws s3api head-object} shows it. */
final class S3MetadataFile {

    private static final int MAX_LENGTH = 256 * 1024;

    private S3MetadataFile() {}

    /**
     * Reads one.
     *
     * @throws InvalidMessageException if it is something else
     */
    static S3EncryptionMetadata read(Path file) throws IOException, InvalidMessageException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a directory");
        }
        byte[] json;
        try (InputStream in = Files.newInputStream(file)) {
            json = in.readNBytes(MAX_LENGTH + 1);
        }
        if (json.length > MAX_LENGTH) {
            throw malformed(file, "more than " + MAX_LENGTH + " bytes");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString();
            return S3EncryptionMetadata.of(FlatJson.read(text));
        } catch (CharacterCodingException e) {
            throw malformed(file, "not in UTF-8");
        } catch (InvalidMessageException | IllegalArgumentException e) {
            throw malformed(file, String.valueOf(e.getMessage()));
        }
    }

    private static InvalidMessageException malformed(Path file, String why) {
        return new InvalidMessageException(
                Reason.MALFORMED, "the metadata in " + Text.oneLine(file.toString()) + " is malformed: " + why);
    }

    /** The content of one. */
    static byte[] bytes(S3EncryptionMetadata metadata) {
        Map<String, String> pairs = metadata.asMap();
        return (FlatJson.write(pairs) + "\n").getBytes(StandardCharsets.US_ASCII);
    }
}
