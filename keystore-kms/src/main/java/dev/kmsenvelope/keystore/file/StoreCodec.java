package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import dev.kmsenvelope.text.Quoted;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The frame of a keystore file, in UTF-8:
 *
 * <pre>
 * file:   "kms-envelope-keystore 1" LF json LF "mac " base64(32 bytes) LF
 * </pre>
 *
 * The code covers every byte before its line. {@link StoreReader} has the grammar of the JSON.
 */
public final class StoreCodec {

    /** The longest file, in bytes. */
    public static final int MAX_LENGTH = 16 << 20;

    /** How many bytes of a file {@link #hasMagic} needs to see. */
    public static final int MAGIC_LENGTH = 25;

    static final int VERSION = 1;
    static final int MAC_LENGTH = 32;

    private static final String MAGIC = "kms-envelope-keystore ";
    private static final String FIRST_LINE = MAGIC + VERSION + "\n";
    private static final String MAC = "mac ";
    private static final int MAX_FIRST_LINE = 64;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    /** {@code "mac "}, 44 characters of base64, a line end. */
    private static final int MAC_LINE_LENGTH = MAC.length() + 44 + 1;

    private StoreCodec() {}

    /**
     * A file taken apart; nothing in it is verified yet.
     *
     * @param covered the bytes that the code covers
     * @param json the text between the first line and the last
     * @param mac the code, 32 bytes
     */
    record Framed(byte[] covered, String json, byte[] mac) {}

    /**
     * Tells whether something is meant to be a keystore file, of whatever version, and whether or not it is a good one.
     *
     * @param start the first {@link #MAGIC_LENGTH} bytes of a file or more; less if there are no more
     * @return true if it starts as keystore files do, also if an editor put a byte order mark before that
     */
    public static boolean hasMagic(byte[] start) {
        byte[] magic = MAGIC.getBytes(StandardCharsets.US_ASCII);
        int from = startsWith(start, 0, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
        return startsWith(start, from, magic);
    }

    /**
     * Says that something is no keystore file, and what it is if that is known.
     *
     * @param file what has no {@link #hasMagic magic}
     * @return the end of a sentence
     */
    public static String doesNotStartAsOne(byte[] file) {
        String kind = ForeignStore.kind(file)
                .map(name -> ", but looks like a keystore of type " + name)
                .orElse("");
        return "does not start with '" + MAGIC.trim() + "'" + kind;
    }

    private static boolean startsWith(byte[] bytes, int from, byte[] prefix) {
        return bytes.length - from >= prefix.length
                && Arrays.equals(bytes, from, from + prefix.length, prefix, 0, prefix.length);
    }

    /** The bytes that the code covers. */
    static byte[] cover(String json) {
        return (FIRST_LINE + json + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The whole file. */
    static byte[] join(byte[] covered, byte[] mac) throws StoreFileException {
        if (covered.length > MAX_LENGTH - MAC_LINE_LENGTH) {
            throw tooLarge();
        }
        byte[] line = (MAC + Base64Text.encode(mac) + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] file = Arrays.copyOf(covered, covered.length + line.length);
        System.arraycopy(line, 0, file, covered.length, line.length);
        return file;
    }

    static Framed split(byte[] file) throws StoreFileException {
        if (file.length > MAX_LENGTH) {
            throw tooLarge();
        }
        requireFirstLine(file);
        int covered = file.length - MAC_LINE_LENGTH;
        int json = FIRST_LINE.length();
        if (covered < json + 1 || file[covered - 1] != '\n' || file[file.length - 1] != '\n') {
            throw noMac();
        }
        String line = new String(file, covered, MAC_LINE_LENGTH - 1, StandardCharsets.ISO_8859_1);
        if (!line.startsWith(MAC)) {
            throw noMac();
        }
        try {
            byte[] mac = Base64Text.decode(line.substring(MAC.length()), MAC_LENGTH);
            if (mac.length != MAC_LENGTH) {
                throw noMac();
            }
            return new Framed(Arrays.copyOf(file, covered), text(file, json, covered - 1), mac);
        } catch (IllegalArgumentException e) {
            throw noMac();
        }
    }

    private static void requireFirstLine(byte[] file) throws StoreFileException {
        if (!hasMagic(file)) {
            throw new StoreFileException(
                    Reason.NOT_A_KEYSTORE, "this is no keystore file of KmsEnvelope: it " + doesNotStartAsOne(file));
        }
        if (startsWith(file, 0, BYTE_ORDER_MARK)) {
            throw new StoreFileException(
                    Reason.NOT_A_KEYSTORE,
                    "the keystore file starts with a byte order mark, which some editor has put there;"
                            + " restore the file as it was written");
        }
        for (byte each : file) {
            if (each == '\r') {
                throw new StoreFileException(
                        Reason.LINE_ENDS,
                        "the keystore file has carriage returns: its line ends were converted, perhaps by git;"
                                + " say '<name of the file> text eol=lf' in .gitattributes and check the file out again");
            }
        }
        int end = 0;
        while (end < file.length && end < MAX_FIRST_LINE && file[end] != '\n') {
            end++;
        }
        if (end == file.length) {
            throw new StoreFileException(
                    Reason.MALFORMED, "the keystore file ends in its first line: it was cut; restore it");
        }
        if (!startsWith(file, 0, FIRST_LINE.getBytes(StandardCharsets.US_ASCII))) {
            String version = new String(file, MAGIC.length(), end - MAGIC.length(), StandardCharsets.ISO_8859_1);
            throw new StoreFileException(
                    Reason.UNKNOWN_VERSION,
                    "the keystore file is of version " + Quoted.of(version) + "; this program knows version " + VERSION
                            + " only");
        }
    }

    private static String text(byte[] file, int from, int to) throws StoreFileException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(file, from, to - from))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new StoreFileException(Reason.MALFORMED, "the keystore file is not valid UTF-8", e);
        }
    }

    private static StoreFileException tooLarge() {
        return new StoreFileException(
                Reason.TOO_LARGE, "a keystore file has at most " + (MAX_LENGTH >> 20) + " MiB, and this is more");
    }

    private static StoreFileException noMac() {
        return new StoreFileException(
                Reason.MALFORMED,
                "the keystore file does not end with a line of '" + MAC
                        + "' and 44 characters of base64: it was cut, or something was added");
    }
}
