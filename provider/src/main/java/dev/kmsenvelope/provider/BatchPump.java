package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.MessageWriter;
import dev.kmsenvelope.engine.Ongoing;
import dev.kmsenvelope.engine.Scratch;
import dev.kmsenvelope.format.InvalidMessageException;
import java.io.IOException;
import java.util.Arrays;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * Moves a message from a source to a sink, one batch after the other. While threads work on one, this thread reads the next,
 * if that is there already, and then writes what the one before became. Used once.
 */
final class BatchPump {

    private static final int BATCH = 1024 * 1024;

    /** The message. */
    interface Message {

        /** At most how much {@link #begin} gives. */
        long size(byte[] in, int length);

        Ongoing begin(byte[] in, int length, byte[] out) throws ShortBufferException;

        /** Whether more input is of no use. */
        boolean hasFailed();

        /** Ends it; returns the last bytes, or some of them. */
        byte[] end() throws InvalidMessageException, ShortBufferException;

        /** Returns what follows those; no bytes when that was all. */
        default byte[] next() {
            return ArrayOperation.NOTHING;
        }
    }

    /**
     * How much went through.
     *
     * @param read bytes of input
     * @param written bytes of output
     */
    record Totals(long read, long written) {}

    /** Input, and what becomes of it. */
    private final class Batch {

        private final byte[] in = Scratch.take(BATCH);
        private int length;
        private byte[] out = ArrayOperation.NOTHING;
        private int outLength;
        private @Nullable Ongoing ongoing;

        boolean fill() throws IOException {
            length = source.fill(in, BATCH);
            read += length;
            return length > 0;
        }

        void begin() throws ShortBufferException {
            int size = Math.toIntExact(message.size(in, length));
            if (size > out.length) {
                byte[] old = out;
                out = ArrayOperation.NOTHING; // first, so that it is never given back twice
                Scratch.give(old);
                out = Scratch.take(size);
            }
            ongoing = message.begin(in, length, out);
        }

        void finish() {
            Ongoing work = ongoing;
            ongoing = null;
            outLength = work == null ? 0 : work.finish();
        }

        void write() throws IOException {
            sink.write(out, 0, outLength);
            written += outLength;
            Arrays.fill(out, 0, outLength, (byte) 0);
        }

        /** Waits for threads that use the arrays; what they give or throw is of no use any more. */
        void abandon(@Nullable Throwable because) {
            try {
                finish();
            } catch (RuntimeException | Error e) {
                if (because != null) {
                    because.addSuppressed(e);
                }
            }
            wipe();
        }

        void wipe() {
            Arrays.fill(in, (byte) 0);
            Arrays.fill(out, (byte) 0);
            Scratch.give(in);
            Scratch.give(out);
        }
    }

    private final Message message;
    private final ByteSource source;
    private final ByteSink sink;
    private long read;
    private long written;

    BatchPump(Message message, ByteSource source, ByteSink sink) {
        this.message = message;
        this.source = source;
        this.sink = sink;
    }

    static Message encrypting(MessageWriter message) {
        return new Message() {
            @Override
            public long size(byte[] in, int length) {
                return message.updateSize(length);
            }

            @Override
            public Ongoing begin(byte[] in, int length, byte[] out) throws ShortBufferException {
                return message.begin(in, 0, length, out, 0);
            }

            @Override
            public boolean hasFailed() {
                return false;
            }

            @Override
            public byte[] end() throws ShortBufferException {
                byte[] last = new byte[Math.toIntExact(message.finishSize(0))];
                int length = message.finish(ArrayOperation.NOTHING, 0, 0, last, 0);
                return length == last.length ? last : Arrays.copyOf(last, length);
            }
        };
    }

    static Message decrypting(MessageReader message) {
        return new Message() {
            @Override
            public long size(byte[] in, int length) {
                return message.availableAfter(in, 0, length, length);
            }

            @Override
            public Ongoing begin(byte[] in, int length, byte[] out) {
                return message.begin(in, 0, length, out, 0);
            }

            @Override
            public boolean hasFailed() {
                return message.hasFailed();
            }

            @Override
            public byte[] end() throws InvalidMessageException {
                message.finish();
                return message.next();
            }

            @Override
            public byte[] next() {
                return message.next();
            }
        };
    }

    Totals run() throws IOException, InvalidMessageException {
        Batch present = new Batch();
        Batch other = new Batch();
        Throwable failure = null;
        try {
            pump(present, other);
            end();
            return new Totals(read, written);
        } catch (ShortBufferException e) {
            failure = e;
            throw new IllegalStateException("the size is enough", e);
        } catch (IOException | InvalidMessageException | RuntimeException | Error e) {
            failure = e;
            throw e;
        } finally {
            present.abandon(failure);
            other.abandon(failure);
        }
    }

    private void pump(Batch first, Batch second) throws IOException, ShortBufferException {
        Batch present = first;
        Batch next = second;
        boolean more = present.fill();
        if (more) {
            present.begin();
        }
        while (more) {
            boolean isAhead = source.isReady();
            more = !isAhead || next.fill();
            present.finish();
            boolean isOver = message.hasFailed();
            if (isAhead && more && !isOver) {
                next.begin();
            }
            present.write();
            if (isOver) {
                return;
            }
            if (!isAhead) {
                more = next.fill();
                if (more) {
                    next.begin();
                }
            }
            Batch done = present;
            present = next;
            next = done;
        }
    }

    private void end() throws IOException, InvalidMessageException, ShortBufferException {
        for (byte[] last = message.end(); last.length > 0; last = message.next()) {
            try {
                sink.write(last, 0, last.length);
                written += last.length;
            } finally {
                Arrays.fill(last, (byte) 0);
            }
        }
    }
}
