package dev.kmsenvelope.provider;

import java.nio.ByteBuffer;

/**
 * Whether the output of a call may overwrite its input, and how far ahead the input has to be read so that it does not
 * matter.
 *
 * @param kind what is known
 * @param distance where the output starts, counted from the start of the input, if that is known
 */
record Overlap(Kind kind, long distance) {

    /** What is known about two pieces of memory. */
    enum Kind {
        /** They share nothing. */
        NONE,
        /** They may share memory, and where they stand towards each other is known. */
        AT_DISTANCE,
        /** They may share memory. */
        UNKNOWN
    }

    private static final Overlap NONE = new Overlap(Kind.NONE, 0);
    private static final Overlap UNKNOWN = new Overlap(Kind.UNKNOWN, 0);
    private static final int MODULUS = 1 << 30;

    /** Two buffers, from position to limit. */
    static Overlap of(ByteBuffer in, ByteBuffer out) {
        if (in.isDirect() != out.isDirect() || !in.hasRemaining() || !out.hasRemaining()) {
            return NONE;
        }
        if (in.isDirect()) {
            return ofDirect(in, out);
        }
        return in.hasArray() && out.hasArray()
                ? of(
                        in.array(),
                        in.arrayOffset() + in.position(),
                        in.remaining(),
                        out.array(),
                        out.arrayOffset() + out.position())
                : UNKNOWN;
    }

    /** A piece of an array, and another array from somewhere to its end. */
    @SuppressWarnings("ReferenceEquality") // whether they share memory, not whether they have the same content
    static Overlap of(byte[] in, int offset, int length, byte[] out, int outOffset) {
        return in != out || length == 0 ? NONE : at((long) outOffset - offset, length, out.length - outOffset);
    }

    /**
     * Java tells addresses modulo a power of two. What does not overlap by these does not overlap; what does is treated as
     * if it did, which is right for memory that is apart too.
     */
    private static Overlap ofDirect(ByteBuffer in, ByteBuffer out) {
        int half = MODULUS / 2;
        if (in.remaining() >= half || out.remaining() >= half) {
            return UNKNOWN;
        }
        int distance = out.alignmentOffset(out.position(), MODULUS) - in.alignmentOffset(in.position(), MODULUS);
        return at(Math.floorMod(distance + half, MODULUS) - half, in.remaining(), out.remaining());
    }

    private static Overlap at(long distance, int inLength, int outLength) {
        return distance >= inLength || -distance >= outLength ? NONE : new Overlap(Kind.AT_DISTANCE, distance);
    }

    boolean isPossible() {
        return kind != Kind.NONE;
    }

    /** How many bytes of the input have to be read before the output is written up to an index. */
    long mustBeRead(long writtenUpTo) {
        return switch (kind) {
            case NONE -> 0;
            case AT_DISTANCE -> distance + writtenUpTo;
            case UNKNOWN -> Long.MAX_VALUE;
        };
    }
}
