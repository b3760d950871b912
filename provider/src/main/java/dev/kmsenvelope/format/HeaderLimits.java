package dev.kmsenvelope.format;

/**
 * What a reader accepts, checked before anything is allocated.
 *
 * @param maxEncryptedDataKeys how many encrypted data keys a message may have, 1 to 65535
 * @param maxHeaderLength how many bytes a header may have, at most {@link #MAX_HEADER_LENGTH}
 * @param maxFrameLength how many bytes of plaintext a frame may have, at most {@link #MAX_FRAME_LENGTH}
 */
public record HeaderLimits(int maxEncryptedDataKeys, int maxHeaderLength, int maxFrameLength) {

    /** The highest limit for a header, in bytes: lengths of headers are added up in an int. */
    public static final int MAX_HEADER_LENGTH = 1 << 30;

    /** The highest limit for a frame, in bytes: with what surrounds it, it must fit into an array. */
    public static final int MAX_FRAME_LENGTH = 1 << 30;

    /** 16 encrypted data keys, a header of 256 KiB, frames of 16 MiB. */
    public static final HeaderLimits DEFAULT = new HeaderLimits(16, 256 * 1024, 16 * 1024 * 1024);

    /** Checks that the limits can be kept. */
    public HeaderLimits {
        if (maxHeaderLength > MAX_HEADER_LENGTH || maxFrameLength > MAX_FRAME_LENGTH) {
            throw new IllegalArgumentException("a header and a frame have at most 2^30 bytes");
        }
    }
}
