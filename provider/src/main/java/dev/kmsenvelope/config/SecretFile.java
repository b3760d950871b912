package dev.kmsenvelope.config;

import dev.kmsenvelope.kms.KmsConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads a passphrase from a file: its first line, without the line break, in UTF-8. Who else than the owner may read such
 * a file is warned about once per process and file, through the {@link System.Logger} of this class. Thread-safe.
 */
public final class SecretFile {

    /** The longest file that is read, in bytes. */
    public static final int MAX_LENGTH = 4096;

    private static final System.Logger LOGGER = System.getLogger(SecretFile.class.getName());
    private static final Set<PosixFilePermission> OTHERS =
            EnumSet.range(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_EXECUTE);
    private static final Set<Path> WARNED = ConcurrentHashMap.newKeySet();

    private SecretFile() {}

    /**
     * Reads a passphrase.
     *
     * @param file a text file of at most {@value #MAX_LENGTH} bytes
     * @return at least one character; the caller wipes them
     * @throws KmsConfigurationException if the file cannot be read, is too long or not UTF-8, or its first line is empty
     */
    public static char[] read(Path file) {
        return read(file, "passphrase");
    }

    /**
     * Reads a secret of another name.
     *
     * @param file as {@link #read(Path)}
     * @param what what exceptions and warnings call it, such as {@code password}
     * @return as {@link #read(Path)}
     * @throws KmsConfigurationException as {@link #read(Path)}; its cause is the IOException if the file cannot be read
     */
    public static char[] read(Path file, String what) {
        byte[] bytes = new byte[0];
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_LENGTH + 1);
            if (bytes.length > MAX_LENGTH) {
                throw new KmsConfigurationException(
                        "the " + what + " file " + file + " is longer than " + MAX_LENGTH + " bytes");
            }
            warnIfOthersMayRead(file, what);
            return firstLine(file, what, bytes);
        } catch (CharacterCodingException e) {
            throw new KmsConfigurationException("the " + what + " file " + file + " is not UTF-8 text");
        } catch (IOException e) {
            throw new KmsConfigurationException("cannot read the " + what + " file " + file, e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static char[] firstLine(Path file, String what, byte[] bytes) throws CharacterCodingException {
        int length = 0;
        while (length < bytes.length && bytes[length] != '\n' && bytes[length] != '\r') {
            length++;
        }
        if (length == 0) {
            throw new KmsConfigurationException(
                    "the " + what + " file " + file + " is empty; its first line must be the " + what);
        }
        CharBuffer chars = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .decode(ByteBuffer.wrap(bytes, 0, length));
        try {
            return Arrays.copyOfRange(chars.array(), chars.arrayOffset(), chars.arrayOffset() + chars.limit());
        } finally {
            Arrays.fill(chars.array(), '\0');
        }
    }

    private static void warnIfOthersMayRead(Path file, String what) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        Set<PosixFilePermission> others = EnumSet.copyOf(OTHERS);
        others.retainAll(view.readAttributes().permissions());
        if (!others.isEmpty() && WARNED.add(file.toAbsolutePath())) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "The {1} file {0} is open to other users of this machine; only its owner should have access"
                            + " (chmod 600).",
                    file,
                    what);
        }
    }
}
