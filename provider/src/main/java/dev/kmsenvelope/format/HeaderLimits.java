package dev.kmsenvelope.format;

/**
 * What a reader accepts, checked before anything is allocated.
 *
 * @param maxEncryptedDataKeys how many encrypted data keys a message may have, 1 to 65535
 * @param maxHeaderLength how many bytes a header may have
 * @param maxFrameLength how many bytes of plaintext a frame may have
 */
public record HeaderLimits(int maxEncryptedDataKeys, int maxHeaderLength, int maxFrameLength) {

    /** 16 encrypted data keys, a header of 256 KiB, frames of 16 MiB. */
    public static final HeaderLimits DEFAULT = new HeaderLimits(16, 256 * 1024, 16 * 1024 * 1024);
}
