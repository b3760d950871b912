package dev.kmsenvelope.provider;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import javax.crypto.CipherOutputStream;
import javax.crypto.ShortBufferException;

/** Gives an input to a cipher in pieces and call forms drawn at random, and collects the output. */
final class RandomCalls {

    private final Random random;
    private final int unit;

    /** Pieces are drawn around a unit of the format too. */
    RandomCalls(Random random, int unit) {
        this.random = random;
        this.unit = unit;
    }

    /** Associated data in a few pieces. */
    void giveAad(Cipher cipher, byte[] aad) {
        int at = 0;
        while (at < aad.length) {
            int length = 1 + random.nextInt(aad.length - at);
            if (random.nextBoolean()) {
                cipher.updateAAD(aad, at, length);
            } else {
                cipher.updateAAD(ByteBuffer.wrap(aad, at, length).asReadOnlyBuffer());
            }
            at += length;
        }
    }

    /** By one way of many: calls of the cipher, or one of the two streams of the JDK. */
    byte[] run(Cipher cipher, byte[] input) throws Exception {
        return switch (random.nextInt(6)) {
            case 0 -> throughInputStream(cipher, input);
            case 1 -> throughOutputStream(cipher, input);
            default -> inPieces(cipher, input);
        };
    }

    private byte[] inPieces(Cipher cipher, byte[] input) throws GeneralSecurityException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        int most = 1 + random.nextInt(Math.max(64, input.length));
        while (random.nextInt(12) > 0 && input.length - at > 0) {
            int length = pieceLength(input.length - at, most);
            out.writeBytes(call(cipher, false, input, at, length));
            at += length;
        }
        if (random.nextBoolean()) {
            out.writeBytes(call(cipher, false, input, at, input.length - at));
            at = input.length;
        }
        out.writeBytes(call(cipher, true, input, at, input.length - at));
        return out.toByteArray();
    }

    private int pieceLength(int left, int most) {
        int length = switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> unit - 1 + random.nextInt(3);
            case 3 -> left;
            default -> random.nextInt(most);
        };
        return Math.max(0, Math.min(length, left));
    }

    private byte[] call(Cipher cipher, boolean last, byte[] input, int offset, int length)
            throws GeneralSecurityException {
        int bound = cipher.getOutputSize(length);
        return switch (random.nextInt(6)) {
            case 0 -> intoNewArray(cipher, last, input, offset, length);
            case 1 -> intoArray(cipher, last, input, offset, length, bound);
            case 2 -> inPlace(cipher, last, input, offset, length, bound);
            case 3 -> intoBuffer(cipher, last, input, offset, length, bound);
            case 4 -> withinBuffer(cipher, last, input, offset, length, bound);
            default -> withTooLittleRoom(cipher, last, input, offset, length, bound);
        };
    }

    private static byte[] intoNewArray(Cipher cipher, boolean last, byte[] input, int offset, int length)
            throws GeneralSecurityException {
        byte[] out = last ? cipher.doFinal(input, offset, length) : cipher.update(input, offset, length);
        return out == null ? new byte[0] : out;
    }

    private byte[] intoArray(Cipher cipher, boolean last, byte[] input, int offset, int length, int bound)
            throws GeneralSecurityException {
        int before = random.nextInt(9);
        byte[] out = new byte[before + bound];
        int written = array(cipher, last, input, offset, length, out, before);
        requireUntouched(out, 0, before);
        requireUntouched(out, before + written, out.length);
        return Arrays.copyOfRange(out, before, before + written);
    }

    private static int array(
            Cipher cipher, boolean last, byte[] input, int offset, int length, byte[] out, int outOffset)
            throws GeneralSecurityException {
        return last
                ? cipher.doFinal(input, offset, length, out, outOffset)
                : cipher.update(input, offset, length, out, outOffset);
    }

    private static void requireUntouched(byte[] out, int from, int to) {
        for (int i = from; i < to; i++) {
            if (out[i] != 0) {
                throw new AssertionError("something was written at " + i + " beside the output");
            }
        }
    }

    /** Input and output in one array, at any distance. */
    private byte[] inPlace(Cipher cipher, boolean last, byte[] input, int offset, int length, int bound)
            throws GeneralSecurityException {
        int from = random.nextInt(1 + 2 * Math.min(length + 1, bound + 1));
        int to = random.nextInt(1 + 2 * Math.min(length + 1, bound + 1));
        byte[] shared = new byte[Math.max(from + length, to + bound)];
        System.arraycopy(input, offset, shared, from, length);
        int written = array(cipher, last, shared, from, length, shared, to);
        return Arrays.copyOfRange(shared, to, to + written);
    }

    private ByteBuffer buffer(int size) {
        int before = random.nextInt(5);
        ByteBuffer whole =
                random.nextBoolean() ? ByteBuffer.allocate(before + size) : ByteBuffer.allocateDirect(before + size);
        whole.position(before);
        return random.nextBoolean() ? whole.slice() : whole;
    }

    private byte[] intoBuffer(Cipher cipher, boolean last, byte[] input, int offset, int length, int bound)
            throws GeneralSecurityException {
        ByteBuffer in = buffer(length);
        in.duplicate().put(input, offset, length);
        return buffers(cipher, last, random.nextBoolean() ? in : in.asReadOnlyBuffer(), buffer(bound));
    }

    /** Input and output are views of the same memory, at any distance. */
    private byte[] withinBuffer(Cipher cipher, boolean last, byte[] input, int offset, int length, int bound)
            throws GeneralSecurityException {
        int from = random.nextInt(1 + length);
        int to = random.nextInt(1 + length);
        ByteBuffer shared = buffer(length + Math.max(length, bound));
        int start = shared.position();
        ByteBuffer in = shared.duplicate().position(start + from);
        in.put(input, offset, length).position(start + from).limit(start + from + length);
        ByteBuffer out = shared.duplicate().position(start + to);
        return buffers(cipher, last, random.nextBoolean() ? in : in.asReadOnlyBuffer(), out);
    }

    private static byte[] buffers(Cipher cipher, boolean last, ByteBuffer in, ByteBuffer out)
            throws GeneralSecurityException {
        int start = out.position();
        int written = last ? cipher.doFinal(in, out) : cipher.update(in, out);
        if (in.hasRemaining() || out.position() != start + written) {
            throw new AssertionError("the positions are not where the documentation says");
        }
        byte[] bytes = new byte[written];
        out.position(start).get(bytes);
        return bytes;
    }

    /** Too little room changes nothing: the same call with room gives what it would have given. */
    private byte[] withTooLittleRoom(Cipher cipher, boolean last, byte[] input, int offset, int length, int bound)
            throws GeneralSecurityException {
        byte[] little = new byte[random.nextInt(1 + bound)];
        try {
            int written = array(cipher, last, input, offset, length, little, 0);
            return Arrays.copyOf(little, written);
        } catch (ShortBufferException e) {
            requireUntouched(little, 0, little.length);
            return intoArray(cipher, last, input, offset, length, bound);
        }
    }

    private byte[] throughInputStream(Cipher cipher, byte[] input) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] piece = new byte[1 + random.nextInt(1 + unit)];
        try (InputStream in = new CipherInputStream(new ByteArrayInputStream(input), cipher)) {
            for (int count; (count = in.read(piece)) >= 0; ) {
                out.write(piece, 0, count);
            }
        }
        return out.toByteArray();
    }

    private byte[] throughOutputStream(Cipher cipher, byte[] input) throws Exception {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int most = 1 + random.nextInt(Math.max(64, input.length));
        try (CipherOutputStream out = new CipherOutputStream(all, cipher)) {
            for (int at = 0; at < input.length; ) {
                int length = Math.max(1, pieceLength(input.length - at, most));
                out.write(input, at, length);
                at += length;
            }
        }
        return all.toByteArray();
    }
}
