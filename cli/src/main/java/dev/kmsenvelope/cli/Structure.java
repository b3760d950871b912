package dev.kmsenvelope.cli;

import dev.kmsenvelope.format.BodyLayout;
import dev.kmsenvelope.format.MessageHeader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * What follows a header, as far as it can be told without a key: the lengths that stand there, in the grammar of {@link
 * BodyLayout}. Nothing is verified.
 *
 * @param state whether it is all there
 * @param frames how many complete frames there are, or 1 for a complete body that is not framed
 * @param plaintextLength how many bytes of plaintext these hold
 * @param trailingBytes how many bytes follow the end
 */
record Structure(State state, long frames, long plaintextLength, long trailingBytes) {

    /** Whether a body is all there. */
    enum State {
        /** It is, and nothing else. */
        COMPLETE,
        /** It ends too early. */
        TRUNCATED,
        /** Something follows its end. */
        TRAILING,
        /** A number in it cannot be right. */
        MALFORMED
    }

    /** Reads to the end. */
    static Structure read(MessageHeader header, InputStream in) throws IOException {
        return new Reader(header, in).read();
    }

    private static final class Reader {

        private static final int FINAL_MARK = 0xFFFFFFFF;

        private final MessageHeader header;
        private final InputStream in;
        private final byte[] scratch = new byte[64 * 1024];
        private long frames;
        private long plaintext;

        Reader(MessageHeader header, InputStream in) {
            this.header = header;
            this.in = in;
        }

        Structure read() throws IOException {
            State body = header.isFramed() ? framed() : singleBlock();
            if (body == State.COMPLETE && header.suite().isSigned()) {
                body = footer();
            }
            if (body != State.COMPLETE) {
                return new Structure(body, frames, plaintext, 0);
            }
            long trailing = skip(Long.MAX_VALUE);
            return new Structure(trailing == 0 ? State.COMPLETE : State.TRAILING, frames, plaintext, trailing);
        }

        private State framed() throws IOException {
            while (true) {
                ByteBuffer start = take(4);
                if (start.remaining() < 4) {
                    return State.TRUNCATED;
                }
                int number = start.getInt();
                boolean isFinal = number == FINAL_MARK;
                ByteBuffer prefix = take((isFinal ? 4 : 0) + BodyLayout.IV_LENGTH + (isFinal ? 4 : 0));
                if (prefix.remaining() < BodyLayout.IV_LENGTH + (isFinal ? 8 : 0)) {
                    return State.TRUNCATED;
                }
                long sequence = Integer.toUnsignedLong(isFinal ? prefix.getInt() : number);
                prefix.position(prefix.position() + BodyLayout.IV_LENGTH);
                long length = isFinal ? Integer.toUnsignedLong(prefix.getInt()) : header.frameLength();
                if (sequence != frames + 1 || length > header.frameLength()) {
                    return State.MALFORMED;
                }
                if (skip(length + BodyLayout.TAG_LENGTH) < length + BodyLayout.TAG_LENGTH) {
                    return State.TRUNCATED;
                }
                frames++;
                plaintext += length;
                if (isFinal) {
                    return State.COMPLETE;
                }
            }
        }

        private State singleBlock() throws IOException {
            ByteBuffer prefix = take(BodyLayout.IV_LENGTH + 8);
            if (prefix.remaining() < BodyLayout.IV_LENGTH + 8) {
                return State.TRUNCATED;
            }
            long length = prefix.getLong(BodyLayout.IV_LENGTH);
            if (length < 0 || length > Long.MAX_VALUE - BodyLayout.TAG_LENGTH) {
                return State.MALFORMED;
            }
            if (skip(length + BodyLayout.TAG_LENGTH) < length + BodyLayout.TAG_LENGTH) {
                return State.TRUNCATED;
            }
            frames = 1;
            plaintext = length;
            return State.COMPLETE;
        }

        private State footer() throws IOException {
            ByteBuffer prefix = take(2);
            if (prefix.remaining() < 2) {
                return State.TRUNCATED;
            }
            int length = Short.toUnsignedInt(prefix.getShort());
            return skip(length) < length ? State.TRUNCATED : State.COMPLETE;
        }

        private ByteBuffer take(int length) throws IOException {
            return ByteBuffer.wrap(in.readNBytes(length));
        }

        /** Reads over bytes: pipes cannot be skipped, and files skip beyond their end. */
        private long skip(long length) throws IOException {
            long left = length;
            while (left > 0) {
                int count = in.read(scratch, 0, (int) Math.min(left, scratch.length));
                if (count < 0) {
                    break;
                }
                left -= count;
            }
            return length - left;
        }
    }
}
