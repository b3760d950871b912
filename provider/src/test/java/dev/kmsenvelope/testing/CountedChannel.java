package dev.kmsenvelope.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.BitSet;

/** Bytes in memory as a channel that notes which of them were read, gives few at a time, and can fail. */
public final class CountedChannel implements SeekableByteChannel {

    private final BitSet seen = new BitSet();
    private final int most;
    private byte[] bytes;
    private long position;
    private boolean open = true;
    private IOException failure;

    public CountedChannel(byte[] bytes) {
        this(bytes, Integer.MAX_VALUE);
    }

    /** Gives that many bytes at once, at most. */
    public CountedChannel(byte[] bytes, int most) {
        this.bytes = bytes;
        this.most = most;
    }

    /** How many different bytes were read. */
    public int seen() {
        return seen.cardinality();
    }

    public void forget() {
        seen.clear();
    }

    public void replace(byte[] others) {
        bytes = others;
    }

    public void failWith(IOException fault) {
        failure = fault;
    }

    @Override
    public int read(ByteBuffer out) throws IOException {
        requireOpen();
        if (failure != null) {
            throw failure;
        }
        if (position >= bytes.length) {
            return -1;
        }
        int from = (int) position;
        int count = Math.min(Math.min(out.remaining(), most), bytes.length - from);
        out.put(bytes, from, count);
        seen.set(from, from + count);
        position += count;
        return count;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) throws IOException {
        requireOpen();
        position = newPosition;
        return this;
    }

    @Override
    public long size() throws IOException {
        requireOpen();
        return bytes.length;
    }

    private void requireOpen() throws IOException {
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
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }
}
