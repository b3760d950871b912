package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way to pass arrays gives the same result, for every name of the envelope cipher. */
class CallFormsTest {

    private static final int FRAME = 64;
    private static final List<Integer> SIZES = List.of(0, 1, 16, 63, 64, 65, 128, 129, 1000);

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("master");
    private final KmsSecretKey handle =
            Ciphers.handle(service, "master", "frame-length", "" + FRAME, "key.master.outer-key", "master");
    private final Random random = new Random(1);

    static Stream<String> transformations() {
        return Stream.of("AES/GCM/NoPadding", "AES_256/GCM/NoPadding", "Envelope", "Envelope/ESDK/NoPadding");
    }

    static Stream<String> withTwoLayers() {
        return Stream.concat(transformations(), Stream.of("Envelope/DUAL/NoPadding"));
    }

    static Stream<Arguments> transformationsAndSizes() {
        return andSizes(withTwoLayers());
    }

    /** The length of what two layers hold is not known before the inner header is. */
    static Stream<Arguments> ofOneLayerAndSizes() {
        return andSizes(transformations());
    }

    private static Stream<Arguments> andSizes(Stream<String> transformations) {
        return transformations.flatMap(name -> SIZES.stream().map(size -> Arguments.of(name, size)));
    }

    private Cipher cipher(String transformation, int mode) throws GeneralSecurityException {
        return Ciphers.ours(transformation, mode, handle);
    }

    private interface Form {
        byte[] run(Cipher cipher, byte[] in) throws GeneralSecurityException;
    }

    private static byte[] shifted(byte[] in, int by) {
        byte[] out = new byte[in.length + 2 * by];
        Arrays.fill(out, (byte) 0x55);
        System.arraycopy(in, 0, out, by, in.length);
        return out;
    }

    private static byte[] part(byte[] in, int offset, int length) {
        return Arrays.copyOfRange(in, offset, offset + length);
    }

    private static byte[] orEmpty(byte[] bytes) {
        return bytes == null ? new byte[0] : bytes;
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(orEmpty(part));
        }
        return all.toByteArray();
    }

    private static final List<Form> FORMS = List.of(
            Cipher::doFinal,
            (cipher, in) -> cipher.doFinal(shifted(in, 3), 3, in.length),
            (cipher, in) -> {
                byte[] out = new byte[cipher.getOutputSize(in.length)];
                return part(out, 0, cipher.doFinal(in, 0, in.length, out));
            },
            (cipher, in) -> {
                byte[] out = new byte[cipher.getOutputSize(in.length) + 5];
                int written = cipher.doFinal(shifted(in, 9), 9, in.length, out, 5);
                assertThat(part(out, 0, 5)).containsOnly(0);
                return part(out, 5, written);
            },
            (cipher, in) -> concat(cipher.update(in), cipher.doFinal()),
            (cipher, in) -> concat(cipher.update(shifted(in, 1), 1, in.length), cipher.doFinal()),
            (cipher, in) -> {
                byte[] out = new byte[2 * cipher.getOutputSize(in.length) + 3];
                int written = cipher.update(in, 0, in.length, out, 3);
                written += cipher.doFinal(out, 3 + written);
                return part(out, 3, written);
            },
            (cipher, in) -> {
                byte[] first = new byte[cipher.getOutputSize(in.length)];
                int written = cipher.update(in, 0, in.length, first);
                return concat(part(first, 0, written), cipher.doFinal());
            },
            (cipher, in) -> {
                int half = in.length / 2;
                return concat(
                        cipher.update(new byte[0]),
                        cipher.update(in, 0, half),
                        cipher.update(in, half, 0),
                        cipher.doFinal(in, half, in.length - half));
            },
            (cipher, in) -> {
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                for (byte b : in) {
                    all.writeBytes(orEmpty(cipher.update(new byte[] {b})));
                }
                all.writeBytes(cipher.doFinal(new byte[0]));
                return all.toByteArray();
            },
            (cipher, in) -> {
                byte[] out = Arrays.copyOf(in, cipher.getOutputSize(in.length));
                return part(out, 0, cipher.doFinal(out, 0, in.length, out, 0));
            });

    @ParameterizedTest
    @DisplayName("Each call form encrypts to what each call form decrypts")
    @MethodSource("transformationsAndSizes")
    void everyForm(String transformation, int size) throws Exception {
        byte[] plaintext = Ciphers.random(size);
        Cipher encrypting = Ciphers.ours(transformation);
        Cipher decrypting = cipher(transformation, Cipher.DECRYPT_MODE);
        for (Form encryption : FORMS) {
            encrypting.init(Cipher.ENCRYPT_MODE, handle);
            byte[] message = encryption.run(encrypting, plaintext);
            for (Form decryption : FORMS) {
                assertThat(decryption.run(decrypting, message)).isEqualTo(plaintext);
            }
        }
    }

    @ParameterizedTest
    @DisplayName("Arrays that overlap in any way: with one doFinal, and with an update before it")
    @MethodSource("withTwoLayers")
    void overlaps(String transformation) throws Exception {
        byte[] plaintext = Ciphers.random(150);
        byte[] message = cipher(transformation, Cipher.ENCRYPT_MODE).doFinal(plaintext);
        for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE}) {
            byte[] in = mode == Cipher.ENCRYPT_MODE ? plaintext : message;
            for (int distance = -200; distance <= 200; distance += 25) {
                for (int first : new int[] {0, 70, in.length}) {
                    Cipher cipher = cipher(transformation, mode);
                    byte[] shared = new byte[2000];
                    System.arraycopy(in, 0, shared, 300, in.length);
                    byte[] result;
                    if (first == 0) {
                        int written = cipher.doFinal(shared, 300, in.length, shared, 300 + distance);
                        result = part(shared, 300 + distance, written);
                    } else {
                        int written = cipher.update(shared, 300, first, shared, 300 + distance);
                        byte[] out = part(shared, 300 + distance, written);
                        result = concat(out, cipher.doFinal(in, first, in.length - first));
                    }
                    byte[] back = mode == Cipher.ENCRYPT_MODE
                            ? cipher(transformation, Cipher.DECRYPT_MODE).doFinal(result)
                            : result;
                    assertThat(back).isEqualTo(plaintext);
                }
            }
        }
    }

    @ParameterizedTest
    @DisplayName("Random chunks, and too little room at random: ShortBufferException changes nothing")
    @MethodSource("withTwoLayers")
    void randomChunksWithShortBuffers(String transformation) throws Exception {
        for (int round = 0; round < 25; round++) {
            byte[] plaintext = Ciphers.random(random.nextInt(800));
            byte[] message = inChunks(cipher(transformation, Cipher.ENCRYPT_MODE), plaintext);
            assertThat(inChunks(cipher(transformation, Cipher.DECRYPT_MODE), message))
                    .isEqualTo(plaintext);
        }
    }

    /** Every call is made with every amount of room that is too little until one succeeds; nothing is lost by that. */
    private byte[] inChunks(Cipher cipher, byte[] in) throws GeneralSecurityException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int at = 0;
        while (at < in.length) {
            int length = Math.min(in.length - at, 1 + random.nextInt(200));
            int bound = cipher.getOutputSize(length);
            for (int room = random.nextInt(20); ; room += 1 + random.nextInt(30)) {
                byte[] out = new byte[room];
                try {
                    int written = cipher.update(in, at, length, out, 0);
                    assertThat(written).isLessThanOrEqualTo(bound);
                    all.write(out, 0, written);
                    break;
                } catch (ShortBufferException e) {
                    assertThat(room).isLessThan(bound);
                    assertThat(out).isEqualTo(new byte[room]);
                }
            }
            at += length;
        }
        int bound = cipher.getOutputSize(0);
        for (int room = 0; ; room++) {
            byte[] out = new byte[room];
            try {
                int written = cipher.doFinal(out, 0);
                assertThat(written).isLessThanOrEqualTo(bound);
                all.write(out, 0, written);
                return all.toByteArray();
            } catch (ShortBufferException e) {
                assertThat(room).isLessThan(bound);
            }
        }
    }

    @ParameterizedTest
    @DisplayName("Decrypting with exactly the room that the plaintext takes works, with one byte less it does not")
    @MethodSource("ofOneLayerAndSizes")
    void exactRoom(String transformation, int size) throws Exception {
        byte[] plaintext = Ciphers.random(size);
        byte[] message = cipher(transformation, Cipher.ENCRYPT_MODE).doFinal(plaintext);
        Cipher cipher = cipher(transformation, Cipher.DECRYPT_MODE);
        byte[] out = new byte[size];
        if (size > 0) {
            assertThatExceptionOfType(ShortBufferException.class)
                    .isThrownBy(() -> cipher.doFinal(message, 0, message.length, new byte[size - 1]));
        }
        assertThat(cipher.doFinal(message, 0, message.length, out)).isEqualTo(size);
        assertThat(out).isEqualTo(plaintext);
    }

    @ParameterizedTest
    @DisplayName("getOutputSize is an upper bound at every moment, whatever comes next, and exact for encryption")
    @MethodSource("withTwoLayers")
    void outputSizeIsAnUpperBound(String transformation) throws Exception {
        for (int round = 0; round < 40; round++) {
            byte[] plaintext = Ciphers.random(random.nextInt(2000));
            byte[] message = walk(cipher(transformation, Cipher.ENCRYPT_MODE), plaintext, true);
            assertThat(walk(cipher(transformation, Cipher.DECRYPT_MODE), message, false))
                    .isEqualTo(plaintext);
        }
    }

    private byte[] walk(Cipher cipher, byte[] in, boolean exact) throws GeneralSecurityException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int at = 0;
        while (random.nextInt(12) != 0) {
            int length = Math.min(in.length - at, random.nextInt(300));
            int bound = cipher.getOutputSize(length);
            byte[] out = orEmpty(cipher.update(in, at, length));
            assertThat(out.length).isLessThanOrEqualTo(bound);
            all.writeBytes(out);
            at += length;
        }
        int bound = cipher.getOutputSize(in.length - at);
        byte[] out = cipher.doFinal(in, at, in.length - at);
        assertThat(out.length).isLessThanOrEqualTo(bound);
        if (exact) {
            assertThat(out).hasSize(bound);
        }
        all.writeBytes(out);
        return all.toByteArray();
    }

    @ParameterizedTest
    @DisplayName("update returns null or an array that is nobody else's")
    @ValueSource(ints = {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE})
    void freshArrays(int mode) throws Exception {
        byte[] plaintext = Ciphers.random(640);
        byte[] in = mode == Cipher.ENCRYPT_MODE ? plaintext : Ciphers.encrypt(handle, plaintext);
        Cipher cipher = cipher("Envelope", mode);
        assertThat(cipher.update(in, 0, 1)).isNull();
        byte[] first = cipher.update(in, 1, 499);
        byte[] copy = first.clone();
        Arrays.fill(first, (byte) 0);
        byte[] second = cipher.update(in, 500, in.length - 500);
        byte[] all = concat(copy, second, cipher.doFinal());

        assertThat(second).isNotSameAs(first);
        assertThat(first).containsOnly(0);
        assertThat(mode == Cipher.ENCRYPT_MODE ? Ciphers.decrypt(handle, all) : all)
                .isEqualTo(plaintext);
    }
}
