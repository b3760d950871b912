package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.Scratch;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import javax.crypto.ShortBufferException;

/**
 * Works on buffers in pieces of a mebibyte, each through an array, since the JDK's AES-GCM is slow with direct buffers. Where
 * the output may overwrite input, that is read first; an output that starts where the input does stays ahead of it by what
 * the message is longer than the plaintext, not by the whole message.
 */
final class BufferChunks {

    private static final int CHUNK = 1024 * 1024;

    private BufferChunks() {}

    /** What is done with each piece. */
    interface Steps {

        /** At most how many bytes {@link #run} writes. */
        long size(byte[] chunk, int offset, int length, boolean last);

        /** Does it. */
        int run(byte[] chunk, int offset, int length, boolean last, byte[] room, int roomOffset)
                throws ShortBufferException;
    }

    /** What takes a piece. */
    interface Taker {
        void take(byte[] chunk, int offset, int length);
    }

    private record Chunk(byte[] array, int length) {

        static Chunk read(ByteBuffer in) {
            int length = Math.min(in.remaining(), CHUNK);
            Chunk chunk = new Chunk(Scratch.take(length), length);
            in.get(chunk.array, 0, length);
            return chunk;
        }

        void wipe() {
            Arrays.fill(array, 0, length, (byte) 0);
            Scratch.give(array);
        }
    }

    /** Reads a buffer to its limit. */
    static void forEach(ByteBuffer in, Taker taker) {
        if (in.hasArray()) {
            taker.take(in.array(), in.arrayOffset() + in.position(), in.remaining());
            in.position(in.limit());
            return;
        }
        while (in.hasRemaining()) {
            Chunk chunk = Chunk.read(in);
            try {
                taker.take(chunk.array, 0, chunk.length);
            } finally {
                chunk.wipe();
            }
        }
    }

    /** Runs all of the input through; moves no position. There is room for what it gives in all. */
    static int run(ByteBuffer in, ByteBuffer out, Steps steps) throws ShortBufferException {
        Overlap overlap = Overlap.of(in, out);
        ByteBuffer source = in.duplicate();
        ByteBuffer target = out.duplicate();
        Queue<Chunk> ahead = new ArrayDeque<>();
        ahead.add(Chunk.read(source));
        int written = 0;
        try {
            while (!ahead.isEmpty()) {
                Chunk chunk = ahead.element();
                boolean last = ahead.size() == 1 && !source.hasRemaining();
                int size = (int) steps.size(chunk.array, 0, chunk.length, last);
                long needed = overlap.mustBeRead((long) written + size);
                while (source.hasRemaining() && (ahead.size() == 1 || source.position() - in.position() < needed)) {
                    ahead.add(Chunk.read(source));
                }
                written += put(steps, chunk, last, size, target);
                ahead.remove().wipe();
            }
            return written;
        } finally {
            ahead.forEach(Chunk::wipe);
        }
    }

    private static int put(Steps steps, Chunk chunk, boolean last, int size, ByteBuffer target)
            throws ShortBufferException {
        byte[] room = Scratch.take(size);
        try {
            int count = steps.run(chunk.array, 0, chunk.length, last, room, 0);
            target.put(room, 0, count);
            return count;
        } finally {
            Arrays.fill(room, 0, size, (byte) 0);
            Scratch.give(room);
        }
    }
}
