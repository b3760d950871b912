package dev.kmsenvelope.benchmarks.contenders;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Random;

/** Makes sure that what is measured does what it says: a benchmark of something broken would be fast. */
public final class RoundTrips {

    private RoundTrips() {}

    /**
     * Data that compresses badly and is the same in every run.
     *
     * @param size how many bytes
     * @return the data
     */
    public static byte[] plaintext(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    /**
     * How long a message is.
     *
     * @param name who encrypts it
     * @param size how many bytes of plaintext it has
     * @return its length in bytes
     */
    public static int messageLength(ContenderName name, int size) {
        try (Contender contender = name.open()) {
            return contender.open().encrypt(plaintext(size)).length;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(name.id() + " cannot encrypt", e);
        }
    }

    /**
     * Encrypts, decrypts and compares, in all ways that the contender has. Those that share a format also open a message of
     * the AWS Encryption SDK, or, being the AWS Encryption SDK, one of ours.
     *
     * @param contender whose session it is
     * @param session encrypts and decrypts
     * @param plaintext what with
     * @throws GeneralSecurityException if a library cannot
     * @throws IOException if a further contender cannot be set up
     */
    public static void verify(Contender contender, Contender.Session session, byte[] plaintext)
            throws GeneralSecurityException, IOException {
        byte[] message = session.encrypt(plaintext);
        require(contender, plaintext, session.decrypt(message));
        if (contender.writesIntoArrays()) {
            byte[] out = new byte[message.length];
            int length = session.encrypt(plaintext, out);
            byte[] back = new byte[plaintext.length];
            session.decrypt(Arrays.copyOf(out, length), back);
            require(contender, plaintext, back);
        }
        if (contender.name().sharesFormat()) {
            boolean ours = contender instanceof EnvelopeContender;
            try (Contender other = (ours ? ContenderName.ESDK : ContenderName.ENVELOPE).open()) {
                require(contender, plaintext, session.decrypt(other.open().encrypt(plaintext)));
                require(contender, plaintext, other.open().decrypt(message));
            }
        }
    }

    private static void require(Contender contender, byte[] expected, byte[] actual) {
        if (!Arrays.equals(expected, actual)) {
            throw wrong(contender);
        }
    }

    private static IllegalStateException wrong(Contender contender) {
        return new IllegalStateException(contender.name().id() + " did not give back what went in");
    }

    /**
     * Encrypts, decrypts and compares.
     *
     * @param contender encrypts and decrypts
     * @param plaintext what with
     * @return the message
     * @throws GeneralSecurityException if a library cannot
     * @throws IOException never
     */
    public static byte[] verify(StreamContender contender, byte[] plaintext)
            throws GeneralSecurityException, IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream(plaintext.length + plaintext.length / 64 + 4096);
        contender.encrypt(plaintext, message);
        byte[] bytes = message.toByteArray();
        ComparingSink sink = new ComparingSink(plaintext);
        contender.decrypt(bytes, sink);
        if (!sink.isComplete()) {
            throw new IllegalStateException("the stream did not give back what went in");
        }
        return bytes;
    }

    /** Compares without keeping a second copy of 64 MiB. */
    private static final class ComparingSink extends OutputStream {

        private final byte[] expected;
        private int at;
        private boolean equal = true;

        ComparingSink(byte[] expected) {
            this.expected = expected;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            int end = Math.min(expected.length, at + length);
            equal &= Arrays.equals(expected, at, end, bytes, offset, offset + length);
            at = end;
        }

        boolean isComplete() {
            return equal && at == expected.length;
        }
    }
}
