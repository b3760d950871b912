package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of ByteBuffer works as input and output. */
class BufferFormsTest {

    private static final int FRAME = 64;

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("master");
    private final KmsSecretKey handle = Ciphers.handle(service, "master", "frame-length", "" + FRAME);

    enum Kind {
        HEAP,
        DIRECT,
        SLICED_HEAP,
        SLICED_DIRECT;

        ByteBuffer allocate(int size) {
            return switch (this) {
                case HEAP -> ByteBuffer.allocate(size);
                case DIRECT -> ByteBuffer.allocateDirect(size);
                case SLICED_HEAP -> slice(ByteBuffer.allocate(size + 17));
                case SLICED_DIRECT -> slice(ByteBuffer.allocateDirect(size + 17));
            };
        }

        private static ByteBuffer slice(ByteBuffer whole) {
            return whole.position(11).limit(whole.capacity() - 6).slice();
        }
    }

    static List<String> transformations() {
        return CallFormsTest.transformations().toList();
    }

    private static ByteBuffer filled(Kind kind, byte[] bytes, int before) {
        ByteBuffer buffer = kind.allocate(bytes.length + before + 5);
        buffer.position(before).put(bytes);
        return buffer.position(before).limit(before + bytes.length);
    }

    private static byte[] taken(ByteBuffer buffer, int from) {
        byte[] bytes = new byte[buffer.position() - from];
        buffer.duplicate().position(from).get(bytes);
        return bytes;
    }

    @ParameterizedTest
    @DisplayName(
            "All kinds of input and output, with update and doFinal, whole and in chunks; positions move as documented")
    @MethodSource("transformations")
    void allKinds(String transformation) throws Exception {
        for (int size : new int[] {0, 1, 64, 65, 500}) {
            byte[] plaintext = Ciphers.random(size);
            byte[] message = Ciphers.encrypt(handle, plaintext);
            for (Kind in : Kind.values()) {
                for (Kind out : Kind.values()) {
                    for (int chunk : new int[] {Integer.MAX_VALUE, 96, 100, 7}) {
                        byte[] encrypted = run(transformation, Cipher.ENCRYPT_MODE, plaintext, in, out, chunk);
                        assertThat(Ciphers.decrypt(handle, encrypted)).isEqualTo(plaintext);
                        assertThat(run(transformation, Cipher.DECRYPT_MODE, message, in, out, chunk))
                                .isEqualTo(plaintext);
                    }
                }
            }
        }
    }

    private byte[] run(String transformation, int mode, byte[] bytes, Kind inKind, Kind outKind, int chunk)
            throws Exception {
        Cipher cipher = Ciphers.ours(transformation, mode, handle);
        ByteBuffer in = filled(inKind, bytes, 3);
        if (chunk % 2 == 1) {
            in = in.asReadOnlyBuffer();
        }
        ByteBuffer out = outKind.allocate(20 * bytes.length + 2000).position(2);
        int end = in.limit();
        int written = 0;
        while (end - in.position() > chunk) {
            in.limit(in.position() + chunk);
            written += cipher.update(in, out);
            assertThat(in.hasRemaining()).isFalse();
            assertThat(out.position()).isEqualTo(2 + written);
            in.limit(end);
        }
        written += cipher.doFinal(in, out);
        assertThat(in.position()).isEqualTo(end);
        assertThat(out.position()).isEqualTo(2 + written);
        return taken(out, 2);
    }

    @ParameterizedTest
    @DisplayName("In place: input and output are views of the same memory, at any distance")
    @EnumSource(Kind.class)
    void inPlace(Kind kind) throws Exception {
        byte[] plaintext = Ciphers.random(150);
        byte[] message = Ciphers.encrypt(handle, plaintext);
        for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE}) {
            byte[] bytes = mode == Cipher.ENCRYPT_MODE ? plaintext : message;
            for (int distance = -200; distance <= 200; distance += 40) {
                for (boolean readOnly : new boolean[] {true, false}) {
                    ByteBuffer shared = kind.allocate(2000);
                    shared.position(300).put(bytes);
                    ByteBuffer in = shared.duplicate().position(300).limit(300 + bytes.length);
                    ByteBuffer out = shared.duplicate().clear().position(300 + distance);
                    Cipher cipher = Ciphers.ours(Ciphers.ENVELOPE, mode, handle);
                    cipher.doFinal(readOnly ? in.asReadOnlyBuffer() : in, out);
                    byte[] result = taken(out, 300 + distance);

                    assertThat(mode == Cipher.ENCRYPT_MODE ? Ciphers.decrypt(handle, result) : result)
                            .isEqualTo(plaintext);
                }
            }
        }
    }

    @ParameterizedTest
    @DisplayName("In place, and at any distance, when the message is longer than what goes through at once")
    @EnumSource(Kind.class)
    void longInPlace(Kind kind) throws Exception {
        byte[] plaintext = Ciphers.random(2_500_000);
        KmsSecretKey several = Ciphers.handle(service, "master", "parallelism", "4");
        byte[] message = Ciphers.encrypt(several, plaintext);
        for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE}) {
            byte[] bytes = mode == Cipher.ENCRYPT_MODE ? plaintext : message;
            for (int distance : new int[] {-1_200_000, -3, 0, 3, 1_200_000}) {
                for (boolean once : new boolean[] {true, false}) {
                    ByteBuffer shared = kind.allocate(6_000_000);
                    shared.position(1_300_000).put(bytes);
                    ByteBuffer in = shared.duplicate().position(1_300_000).limit(1_300_000 + bytes.length);
                    ByteBuffer out = shared.duplicate().clear().position(1_300_000 + distance);
                    Cipher cipher = Ciphers.ours(Ciphers.ENVELOPE, mode, several);
                    if (!once) {
                        cipher.update(in, out);
                    }
                    cipher.doFinal(in, out);
                    byte[] result = taken(out, 1_300_000 + distance);
                    assertThat(Arrays.equals(
                                    mode == Cipher.ENCRYPT_MODE ? Ciphers.decrypt(several, result) : result, plaintext))
                            .isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @DisplayName("In place with update and doFinal")
    @EnumSource(Kind.class)
    void inPlaceInTwoSteps(Kind kind) throws Exception {
        byte[] plaintext = Ciphers.random(500);
        byte[] message = Ciphers.encrypt(handle, plaintext);
        ByteBuffer shared = kind.allocate(3000);
        shared.put(message);
        ByteBuffer in = shared.duplicate().position(0).limit(300);
        ByteBuffer out = shared.duplicate().clear();
        Cipher cipher = Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle);
        cipher.update(in, out);
        cipher.doFinal(in.limit(message.length), out);

        assertThat(taken(out, 0)).isEqualTo(plaintext);
    }

    @ParameterizedTest
    @DisplayName("Too little room: ShortBufferException, nothing moved or lost, and the same call with room succeeds")
    @EnumSource(Kind.class)
    void shortBuffers(Kind kind) throws Exception {
        Random random = new Random(2);
        for (int round = 0; round < 100; round++) {
            byte[] plaintext = Ciphers.random(random.nextInt(700));
            byte[] message = shortOfRoom(Cipher.ENCRYPT_MODE, plaintext, kind, random);
            assertThat(shortOfRoom(Cipher.DECRYPT_MODE, message, kind, random)).isEqualTo(plaintext);
        }
    }

    private byte[] shortOfRoom(int mode, byte[] bytes, Kind kind, Random random) throws Exception {
        Cipher cipher = Ciphers.ours(Ciphers.ENVELOPE, mode, handle);
        ByteBuffer in = filled(kind, bytes, 0);
        ByteBuffer out = kind.allocate(100 * bytes.length + 1000);
        boolean last;
        do {
            int length = random.nextInt(200);
            last = length >= bytes.length - in.position();
            in.limit(last ? bytes.length : in.position() + length);
            int from = in.position();
            int room = random.nextInt(10);
            while (true) {
                int before = out.position();
                int bound = cipher.getOutputSize(in.remaining());
                out.limit(before + room);
                try {
                    int written = last ? cipher.doFinal(in, out) : cipher.update(in, out);
                    assertThat(written).isLessThanOrEqualTo(bound);
                    break;
                } catch (ShortBufferException e) {
                    assertThat(in.position()).isEqualTo(from);
                    assertThat(out.position()).isEqualTo(before);
                    assertThat(room).isLessThan(bound);
                    room += 1 + random.nextInt(20);
                }
            }
        } while (!last);
        return taken(out, 0);
    }

    @ParameterizedTest
    @DisplayName("Chunks that end exactly with a frame, into buffers with exactly that room")
    @ValueSource(ints = {1, 2, 7, 8, 9, 40, 64, 1000})
    void chunksThatEndWithAFrame(int frameLength) throws Exception {
        byte[] plaintext = Ciphers.random(4 * frameLength);
        byte[] message = Ciphers.encrypt(handle, plaintext, frameLength);
        int frames = 4;
        int headerLength = message.length - (frames - 1) * (frameLength + 32) - (frameLength + 40);
        for (int extra = 0; extra < 12; extra++) {
            for (Kind kind : Kind.values()) {
                Cipher cipher = Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle);
                ByteBuffer in = filled(kind, message, 0).limit(headerLength + 2 * (frameLength + 32) + extra);
                ByteBuffer tooSmall = kind.allocate(2 * frameLength - 1);
                assertThatExceptionOfType(ShortBufferException.class).isThrownBy(() -> cipher.update(in, tooSmall));
                ByteBuffer out = kind.allocate(5 * frameLength);
                assertThat(cipher.update(in, out)).isEqualTo(2 * frameLength);
                cipher.doFinal(in.limit(message.length), out);
                assertThat(taken(out, 0)).isEqualTo(plaintext);
            }
        }
    }

    @ParameterizedTest
    @DisplayName("RULES 6: a one-shot doFinal writes nothing on failure, and moves no position")
    @EnumSource(Kind.class)
    void nothingOnFailure(Kind kind) throws Exception {
        byte[] message = Ciphers.encrypt(handle, Ciphers.random(300));
        message[message.length - 1] ^= 1;
        for (String transformation : transformations()) {
            Cipher cipher = Ciphers.ours(transformation, Cipher.DECRYPT_MODE, handle);
            ByteBuffer in = filled(kind, message, 0);
            ByteBuffer out = kind.allocate(1000);
            assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> cipher.doFinal(in, out));
            assertThat(out.position()).isZero();
            assertThat(in.position()).isZero();
            byte[] all = new byte[1000];
            out.get(all);
            assertThat(all).containsOnly(0);
        }
    }

    @ParameterizedTest
    @DisplayName("AAD in every kind of buffer counts as one text with AAD in arrays")
    @EnumSource(Kind.class)
    void aad(Kind kind) throws Exception {
        byte[] aad = Ciphers.random(50);
        Cipher encrypting = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle);
        encrypting.updateAAD(aad);
        byte[] message = encrypting.doFinal(new byte[] {1});
        Cipher decrypting = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle);
        ByteBuffer first = filled(kind, Arrays.copyOf(aad, 20), 4).asReadOnlyBuffer();
        decrypting.updateAAD(first);
        decrypting.updateAAD(aad, 20, 10);
        decrypting.updateAAD(filled(kind, Arrays.copyOfRange(aad, 30, 50), 1));

        assertThat(first.hasRemaining()).isFalse();
        assertThat(decrypting.doFinal(message)).containsExactly(1);
    }
}
