package dev.kmsenvelope.provider;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.s3.FlatJson;
import dev.kmsenvelope.s3.MetadataName;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.InvalidParameterSpecException;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What stands beside an object of the Amazon S3 Encryption Client: {@code Envelope/S3EC/NoPadding} encrypts an object's body,
 * and this has all else that is needed to decrypt it. An encrypting cipher gives it from {@code init} on, by {@code
 * getParameters().getParameterSpec(S3EncryptionMetadata.class)}; a decrypting one has to be given it.
 *
 * <p>It is kept as the object's user metadata, or in part in an instruction file, which is a second object. Nothing in it is
 * secret. Nothing in it is believed either: what is wrong with it makes decryption fail like a changed body does.
 *
 * <p>Immutable and thread-safe.
 */
public final class S3EncryptionMetadata implements AlgorithmParameterSpec {

    /** What the name of an instruction file adds to that of its object. */
    public static final String INSTRUCTION_FILE_SUFFIX = ".instruction";

    /** The most bytes that an instruction file may have. */
    public static final int MAX_INSTRUCTION_FILE = 256 * 1024;

    private final Map<String, String> pairs;

    private S3EncryptionMetadata(Map<String, String> pairs) {
        this.pairs = Collections.unmodifiableMap(pairs);
    }

    /**
     * Takes it out of an object's user metadata.
     *
     * @param userMetadata names, in any case and with or without {@code x-amz-meta-}, and values; what does not belong to the
     *     format is left out; a name that is there twice, with two values, makes the object one that does not open
     * @return the metadata, of which a part may be missing still: {@link #needsInstructionFile}
     */
    public static S3EncryptionMetadata of(Map<String, String> userMetadata) {
        return new S3EncryptionMetadata(MetadataName.select(userMetadata));
    }

    /**
     * Completes it by an instruction file.
     *
     * @param instructionFile the content of that file
     * @return the whole
     * @throws InvalidParameterSpecException if the file is too long, or no JSON object of texts in UTF-8, or has what the
     *     object itself must have or has otherwise
     */
    public S3EncryptionMetadata withInstructionFile(byte[] instructionFile) throws InvalidParameterSpecException {
        Map<String, String> inFile = readJson(instructionFile);
        Map<String, String> all = new TreeMap<>(pairs);
        for (Map.Entry<String, String> pair : inFile.entrySet()) {
            if (MetadataName.staysWithObject(pair.getKey()) || all.put(pair.getKey(), pair.getValue()) != null) {
                throw new InvalidParameterSpecException(
                        "the instruction file has " + pair.getKey() + ", which belongs to the object's own metadata");
            }
        }
        return new S3EncryptionMetadata(all);
    }

    static Map<String, String> readJson(byte[] json) throws InvalidParameterSpecException {
        if (json.length > MAX_INSTRUCTION_FILE) {
            throw new InvalidParameterSpecException(
                    "an instruction file has at most " + MAX_INSTRUCTION_FILE + " bytes, this one " + json.length);
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString();
            return MetadataName.select(FlatJson.read(text));
        } catch (CharacterCodingException | InvalidMessageException | IllegalArgumentException e) {
            InvalidParameterSpecException invalid =
                    new InvalidParameterSpecException("the instruction file is malformed: " + e.getMessage());
            invalid.initCause(e);
            throw invalid;
        }
    }

    /**
     * Tells whether the encrypted data key is missing, which then stands in an instruction file.
     *
     * @return true if this does not suffice to decrypt
     */
    public boolean needsInstructionFile() {
        return !pairs.containsKey(MetadataName.KEY_V1)
                && !pairs.containsKey(MetadataName.KEY_V2)
                && !pairs.containsKey(MetadataName.KEY_V3);
    }

    /**
     * All of it, for the object's user metadata.
     *
     * @return an unmodifiable map of names, without {@code x-amz-meta-}, which the AWS SDK adds, and values, all in ASCII
     */
    public Map<String, String> asMap() {
        return pairs;
    }

    /**
     * What has to stay with the object where the rest is in an instruction file.
     *
     * @return a part of {@link #asMap}; empty for version 2
     */
    public Map<String, String> asMapBesideInstructionFile() {
        return part(MetadataName::staysWithObject);
    }

    /**
     * The content of an instruction file: what {@link #asMapBesideInstructionFile} leaves out.
     *
     * @return a JSON object, in ASCII
     */
    public byte[] instructionFile() {
        return writeJson(part(name -> !MetadataName.staysWithObject(name)));
    }

    static byte[] writeJson(Map<String, String> pairs) {
        return FlatJson.write(pairs).getBytes(StandardCharsets.US_ASCII);
    }

    private Map<String, String> part(Predicate<String> condition) {
        Map<String, String> part = new TreeMap<>(pairs);
        part.keySet().removeIf(condition.negate());
        return Collections.unmodifiableMap(part);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof S3EncryptionMetadata that && pairs.equals(that.pairs);
    }

    @Override
    public int hashCode() {
        return pairs.hashCode();
    }

    /** Tells names only: there may be an encryption context among the values. */
    @Override
    public String toString() {
        return "S3EncryptionMetadata" + pairs.keySet();
    }
}
