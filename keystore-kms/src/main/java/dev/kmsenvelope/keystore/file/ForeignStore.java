package dev.kmsenvelope.keystore.file;

import java.nio.ByteBuffer;
import java.util.Optional;

/** Keystore files of other kinds, by how they start: so that somebody who gave one is told what it is. */
public final class ForeignStore {

    private static final int JKS = 0xFEEDFEED;
    private static final int JCEKS = 0xCECECECE;
    private static final int SEQUENCE = 0x30;
    private static final int INDEFINITE_LENGTH = 0x80;
    private static final int LONGEST_LENGTH = 0x84;

    private ForeignStore() {}

    /**
     * Tells what kind a file is of. None of these is text.
     *
     * @param start how the file starts: four bytes or more; less if there are no more
     * @return the name of its kind, or empty if it is of none that is known here
     */
    public static Optional<String> kind(byte[] start) {
        if (start.length < Integer.BYTES) {
            return Optional.empty();
        }
        int magic = ByteBuffer.wrap(start).getInt();
        if (magic == JKS) {
            return Optional.of("JKS");
        }
        if (magic == JCEKS) {
            return Optional.of("JCEKS");
        }
        int length = Byte.toUnsignedInt(start[1]);
        return start[0] == SEQUENCE && length >= INDEFINITE_LENGTH && length <= LONGEST_LENGTH
                ? Optional.of("PKCS12 or BCFKS")
                : Optional.empty();
    }
}
