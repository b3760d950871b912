package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.RandomAccessMessage;
import dev.kmsenvelope.format.InvalidMessageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** The plaintext of a message as a channel that cannot be written. Thread-safe: one operation at a time. */
final class PlaintextChannel implements SeekableByteChannel {

    private final SeekableByteChannel message;
    private final RandomAccessMessage plaintext;
    private long position;
    private boolean open = true;

    PlaintextChannel(SeekableByteChannel message, RandomAccessMessage plaintext) {
        this.message = message;
        this.plaintext = plaintext;
    }

    @Override
    public synchronized int read(ByteBuffer out) throws IOException {
        requireOpen();
        try {
            int count = plaintext.read(position, out);
            position += Math.max(0, count);
            return count;
        } catch (InvalidMessageException e) {
            throw new IOException(e.getMessage(), CipherOperation.Errors.badTag(e));
        }
    }

    @Override
    public synchronized long position() throws IOException {
        requireOpen();
        return position;
    }

    @Override
    public synchronized SeekableByteChannel position(long newPosition) throws IOException {
        requireOpen();
        if (newPosition < 0) {
            throw new IllegalArgumentException("a position is not negative");
        }
        position = newPosition;
        return this;
    }

    @Override
    public synchronized long size() throws IOException {
        requireOpen();
        return plaintext.length();
    }

    private void requireOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public int write(ByteBuffer in) {
        throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new NonWritableChannelException();
    }

    @Override
    public synchronized boolean isOpen() {
        return open;
    }

    @Override
    public synchronized void close() throws IOException {
        if (open) {
            open = false;
            plaintext.close();
            message.close();
        }
    }
}
