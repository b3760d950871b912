package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.crypto.RandomSource;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Provider;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/**
 * Verified plaintext that must not leave yet, in a temporary file: first all of it is appended, then all is taken out, once,
 * in the same order. It takes the memory of two pieces of {@value #PIECE} bytes, however long it becomes.
 *
 * <pre>
 * file  = piece*
 * piece = ciphertext[{@value #PIECE}, the last one less] | tag[16]        AES-256-GCM, nonce = 0 u32 | number of the piece u64
 * </pre>
 *
 * The key is random, made for this file and nowhere but in memory, and each number is used once. So the file tells nothing
 * without the process, and a piece that was changed, or stands elsewhere, is not taken for plaintext; how many there are is
 * remembered. The file is new, for its owner only, and its name is deleted at once where the system lets one delete what is
 * open; else on {@link #close()}, or when this was forgotten. Not thread-safe.
 */
public final class PlaintextSpool implements AutoCloseable {

    /** Plaintext bytes of a piece. */
    static final int PIECE = 64 * 1024;

    private static final int KEY_LENGTH = 32;
    private static final int NAME_LENGTH = 16;

    /** Its thread, a daemon, is started with the first file. */
    private static @Nullable Cleaner cleaner;

    private final Open open;
    private final byte[] sealed = new byte[PIECE + AesGcm.TAG_LENGTH];
    private long appended;
    private long taken;
    private long pieces;
    private boolean reading;

    private PlaintextSpool(Open open) {
        this.open = open;
    }

    /** What has to be closed; does not know the spool, or that would never be forgotten. */
    private static final class Open implements Runnable {

        private final AesGcm cipher;
        private final FileChannel file;
        private final byte[] piece = new byte[PIECE];
        private int pieceLength;
        private @Nullable Path left;

        Open(AesGcm cipher, FileChannel file, Path path) {
            this.cipher = cipher;
            this.file = file;
            this.left = path;
        }

        @Override
        public synchronized void run() {
            cipher.close();
            Arrays.fill(piece, (byte) 0);
            try {
                file.close();
                delete();
            } catch (IOException e) {
                // What is left of the file cannot be read by anybody: its key is gone.
            }
        }

        synchronized void delete() throws IOException {
            Path path = left;
            if (path != null) {
                Files.delete(path);
                left = null;
            }
        }
    }

    /**
     * Makes the file.
     *
     * @param directory where; the system's directory for temporary files if there is none
     * @param gcm who does AES-GCM
     * @param random where the key and the name come from
     * @return an empty spool; the caller closes it
     * @throws SpoolException if the file cannot be made
     */
    public static PlaintextSpool create(@Nullable Path directory, Provider gcm, RandomSource random) {
        Path path = (directory == null ? Path.of(System.getProperty("java.io.tmpdir")) : directory)
                .resolve("kms-envelope-" + HexFormat.of().formatHex(random.next(NAME_LENGTH)) + ".spool");
        byte[] key = random.next(KEY_LENGTH);
        try {
            AesGcm cipher = AesGcm.of(gcm, key);
            Open open = null;
            try {
                open = new Open(cipher, newFile(path), path);
            } finally {
                if (open == null) {
                    cipher.close();
                }
            }
            deleteName(open);
            PlaintextSpool spool = new PlaintextSpool(open);
            watch(spool, open);
            return spool;
        } catch (IOException e) {
            throw new SpoolException("no temporary file can be made for plaintext that is held back", e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    static FileChannel newFile(Path path) throws IOException {
        FileAttribute<?>[] ownerOnly =
                path.getFileSystem().supportedFileAttributeViews().contains("posix")
                        ? new FileAttribute<?>[] {
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                        }
                        : new FileAttribute<?>[0];
        return FileChannel.open(
                path,
                EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                ownerOnly);
    }

    private static void deleteName(Open open) {
        try {
            open.delete();
        } catch (IOException e) {
            // Where what is open cannot be deleted, it is when it is closed.
        }
    }

    private static synchronized void watch(PlaintextSpool spool, Open open) {
        try {
            if (cleaner == null) {
                cleaner = Cleaner.create();
            }
            cleaner.register(spool, open);
        } catch (OutOfMemoryError e) {
            // No thread can be made now. Whoever closes the spool needs none.
        }
    }

    /**
     * How much there is.
     *
     * @return the number of bytes that were appended and not taken
     */
    public long remaining() {
        return appended - taken;
    }

    /**
     * Adds plaintext.
     *
     * @param in holds it
     * @param offset where it starts
     * @param length how long it is
     * @throws SpoolException if it cannot be written
     * @throws IllegalStateException if some was taken
     */
    public void append(byte[] in, int offset, int length) {
        if (reading) {
            throw new IllegalStateException("what is being taken out cannot grow");
        }
        int from = offset;
        int end = offset + length;
        while (from < end) {
            int count = Math.min(PIECE - open.pieceLength, end - from);
            System.arraycopy(in, from, open.piece, open.pieceLength, count);
            open.pieceLength += count;
            from += count;
            if (open.pieceLength == PIECE) {
                writePiece();
            }
        }
        appended += length;
    }

    private void writePiece() {
        int length = open.cipher.encrypt(nonce(pieces++), new byte[0][], open.piece, 0, open.pieceLength, sealed, 0);
        Arrays.fill(open.piece, (byte) 0);
        open.pieceLength = 0;
        try {
            ByteBuffer out = ByteBuffer.wrap(sealed, 0, length);
            while (out.hasRemaining()) {
                open.file.write(out);
            }
        } catch (IOException e) {
            throw new SpoolException("plaintext that is held back cannot be written to its temporary file", e);
        }
    }

    private static byte[] nonce(long number) {
        return ByteBuffer.allocate(AesGcm.NONCE_LENGTH)
                .putInt(0)
                .putLong(number)
                .array();
    }

    /**
     * Takes the next piece.
     *
     * @param out receives at most {@link #PIECE} bytes, and no more than {@link #remaining()}
     * @param offset where to
     * @return how many bytes were written; 0 when nothing is left
     * @throws SpoolException if it cannot be read, or is not what was written
     */
    public int take(byte[] out, int offset) {
        int length = (int) Math.min(PIECE, remaining());
        try {
            startReading();
            if (length == 0) {
                return 0;
            }
            ByteBuffer in = ByteBuffer.wrap(sealed, 0, length + AesGcm.TAG_LENGTH);
            while (in.hasRemaining()) {
                if (open.file.read(in) < 0) {
                    throw new IOException("it is shorter than what was written to it");
                }
            }
            open.cipher.decrypt(nonce(taken / PIECE), new byte[0][], sealed, 0, in.limit(), out, offset);
            taken += length;
            return length;
        } catch (AEADBadTagException e) {
            throw new SpoolException(
                    "the temporary file of plaintext that is held back was changed",
                    new IOException("it is not what was written to it", e));
        } catch (IOException e) {
            throw new SpoolException("plaintext that is held back cannot be read from its temporary file", e);
        }
    }

    /**
     * Takes all that is left; an array that receives only some of it, because the file fails, is zeroed there.
     *
     * @param out receives {@link #remaining()} bytes
     * @param offset where to
     * @return how many bytes were written
     * @throws SpoolException as {@link #take}
     */
    public int drain(byte[] out, int offset) {
        int at = offset;
        boolean complete = false;
        try {
            for (int count = take(out, at); count > 0; count = take(out, at)) {
                at += count;
            }
            complete = true;
            return at - offset;
        } finally {
            if (!complete) {
                Arrays.fill(out, offset, at, (byte) 0);
            }
        }
    }

    /**
     * Takes all that is left.
     *
     * @param out receives {@link #remaining()} bytes
     * @return how many bytes were written
     * @throws SpoolException as {@link #take}
     */
    public int drain(ByteBuffer out) {
        int before = out.position();
        for (byte[] next = takePiece(); next.length > 0; next = takePiece()) {
            out.put(next);
            Arrays.fill(next, (byte) 0);
        }
        return out.position() - before;
    }

    /**
     * Takes all that is left.
     *
     * @return {@link #remaining()} bytes
     * @throws SpoolException as {@link #take}
     * @throws IllegalStateException if they are more than fit into an array
     */
    public byte[] takeAll() {
        if (remaining() > HeldPlaintext.MAX_ARRAY) {
            throw new IllegalStateException("more plaintext than fits into an array; decrypt it as a stream");
        }
        byte[] all = new byte[(int) remaining()];
        drain(all, 0);
        return all;
    }

    /**
     * Takes the next piece.
     *
     * @return at most {@value #PIECE} bytes; none when nothing is left
     * @throws SpoolException as {@link #take}
     */
    public byte[] takePiece() {
        byte[] next = new byte[(int) Math.min(PIECE, remaining())];
        take(next, 0);
        return next;
    }

    private void startReading() throws IOException {
        if (!reading) {
            reading = true;
            if (open.pieceLength > 0) {
                writePiece();
            }
            open.file.position(0);
        }
    }

    /** Wipes the key, and closes and deletes the file; idempotent. */
    @Override
    public void close() {
        open.run();
    }
}
