package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RULES 19: whatever is wrong with a message is an AEADBadTagException, and an InvalidKeyException from unwrap. */
class WrongMessageTest {

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("master").withKey("other");
    private final KmsSecretKey handle = Ciphers.handle(service, "master");
    private final byte[] small;
    private final byte[] framed;

    WrongMessageTest() throws GeneralSecurityException {
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle, Ciphers.context("tenant", "a"));
        small = cipher.doFinal(Ciphers.random(10));
        framed = Ciphers.encrypt(handle, Ciphers.random(200), 50);
    }

    private static void assertWrong(Cipher decrypting, Cipher unwrapping, byte[] message, String... words) {
        Throwable bad = catchThrowable(() -> decrypting.doFinal(message));
        assertThat(bad).isExactlyInstanceOf(AEADBadTagException.class);
        assertThat(bad.getMessage()).isNotBlank();
        for (String word : words) {
            assertThat(bad.getMessage()).contains(word);
        }
        Throwable refused = catchThrowable(() -> unwrapping.unwrap(message, "AES", Cipher.SECRET_KEY));
        assertThat(refused).isExactlyInstanceOf(InvalidKeyException.class);
        for (String word : words) {
            assertThat(refused.getMessage()).contains(word);
        }
    }

    private void assertWrong(byte[] message, String... words) throws GeneralSecurityException {
        for (String transformation : new String[] {Ciphers.GCM, Ciphers.ENVELOPE}) {
            assertWrong(
                    Ciphers.ours(transformation, Cipher.DECRYPT_MODE, handle),
                    Ciphers.ours(transformation, Cipher.UNWRAP_MODE, handle),
                    message,
                    words);
        }
    }

    @ParameterizedTest
    @DisplayName("RULES 19: cut short at every byte, changed in every bit, longer by something")
    @ValueSource(booleans = {true, false})
    void everyByte(boolean ofOneFrame) throws Exception {
        byte[] message = ofOneFrame ? small : framed;
        Cipher decrypting = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle);
        Cipher unwrapping = Ciphers.ours(Ciphers.ENVELOPE, Cipher.UNWRAP_MODE, handle);
        for (int i = 0; i < message.length; i++) {
            assertWrong(decrypting, unwrapping, Arrays.copyOf(message, i));
            for (int bit = 0; bit < 8; bit += ofOneFrame ? 1 : 7) {
                byte[] changed = message.clone();
                changed[i] ^= (byte) (1 << bit);
                assertWrong(decrypting, unwrapping, changed);
            }
        }
        for (int i = 1; i < 100; i += 9) {
            assertWrong(decrypting, unwrapping, Arrays.copyOf(message, message.length + i), "follows");
        }
        byte[] twice = Arrays.copyOf(message, 2 * message.length);
        System.arraycopy(message, 0, twice, message.length, message.length);
        assertWrong(decrypting, unwrapping, twice, "follows");
        assertThat(decrypting.doFinal(message)).isNotEmpty();
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("RULES 19: texts say what was found")
    void texts() throws Exception {
        assertWrong(new byte[0], "0 bytes");
        assertWrong(new byte[] {1, 2, 3}, "01 80");
        assertWrong(new byte[] {1, (byte) 0x80, 1, 0x78}, "esdk.commitment-policy = require-encrypt-allow-decrypt");
        assertWrong("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII), "not an AWS Encryption SDK message");
        assertWrong(new byte[] {2, 0x04}, "header");
        assertWrong(new byte[] {2, 0x7F, 0x11, 0}, "7F11");
        assertWrong(Arrays.copyOf(small, 60), "header");
        assertWrong(Arrays.copyOf(framed, framed.length - 1), "last frame");
        assertWrong(Ciphers.flipped(framed, framed.length - 1), "part 4");
        assertWrong(Ciphers.encrypt(Ciphers.handle(service, "other"), new byte[5]), "not for the key master");
    }

    @Test
    @DisplayName("RULES 19: doFinal without any input, and doFinal after empty updates")
    void noInput() throws Exception {
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle);
        assertThat(catchThrowable(cipher::doFinal)).isExactlyInstanceOf(AEADBadTagException.class);
        cipher.update(new byte[0]);
        assertThat(catchThrowable(() -> cipher.doFinal(new byte[9], 3))).isExactlyInstanceOf(AEADBadTagException.class);
        assertThat(catchThrowable(
                        () -> cipher.doFinal(java.nio.ByteBuffer.allocate(0), java.nio.ByteBuffer.allocateDirect(0))))
                .isExactlyInstanceOf(AEADBadTagException.class);
    }

    @Test
    @DisplayName("RULES 3: a message without the required context, before the service is asked")
    void wrongContext() throws Exception {
        int before = service.decrypted.get();
        for (var parameters : new EnvelopeParameterSpec[] {
            Ciphers.context("tenant", "b"), Ciphers.context("Tenant", "a"), Ciphers.context("x", "y")
        }) {
            assertWrong(
                    Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle, parameters),
                    Ciphers.ours(Ciphers.GCM, Cipher.UNWRAP_MODE, handle, parameters),
                    small,
                    "context");
        }
        assertThat(service.decrypted).hasValue(before);
    }

    @Test
    @DisplayName("RULES 1: another IV than the message's")
    void wrongIv() throws Exception {
        GCMParameterSpec iv = new GCMParameterSpec(128, new byte[12]);
        assertWrong(
                Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle, iv),
                Ciphers.ours(Ciphers.GCM, Cipher.UNWRAP_MODE, handle, iv),
                small,
                "IV");
    }

    @Test
    @DisplayName("RULES 19: 20,000 random and mutated inputs, in random pieces, never give anything else")
    void fuzz() throws Exception {
        Random random = new Random(42);
        Cipher[] ciphers = {
            Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle),
            Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle),
            Ciphers.ours(Ciphers.GCM, Cipher.UNWRAP_MODE, handle),
            Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, handle)
        };
        byte[] blob = Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle)
                .wrap(new javax.crypto.spec.SecretKeySpec(new byte[16], "AES"));
        byte[][] seeds = {small, framed, blob};
        for (int i = 0; i < 20_000; i++) {
            byte[] seed = seeds[random.nextInt(seeds.length)];
            byte[] input = mutated(seed, random);
            if (Arrays.equals(input, seed)) {
                continue;
            }
            Cipher cipher = ciphers[i % ciphers.length];
            boolean unwraps = i % ciphers.length >= 2;
            Throwable thrown = catchThrowable(() -> {
                if (unwraps) {
                    cipher.unwrap(input, "AES", Cipher.SECRET_KEY);
                } else {
                    inPieces(cipher, input, random);
                }
            });
            assertThat(thrown)
                    .as("input %d", i)
                    .isExactlyInstanceOf(unwraps ? InvalidKeyException.class : AEADBadTagException.class);
        }
    }

    private static void inPieces(Cipher cipher, byte[] input, Random random) throws GeneralSecurityException {
        int at = 0;
        while (random.nextBoolean() && at < input.length) {
            int length = random.nextInt(input.length - at + 1);
            if (random.nextBoolean()) {
                cipher.update(input, at, length);
            } else {
                cipher.update(
                        java.nio.ByteBuffer.wrap(input, at, length),
                        java.nio.ByteBuffer.allocateDirect(cipher.getOutputSize(length)));
            }
            at += length;
        }
        if (random.nextBoolean()) {
            cipher.doFinal(input, at, input.length - at);
        } else {
            cipher.doFinal(input, at, input.length - at, new byte[cipher.getOutputSize(input.length - at)]);
        }
    }

    private static byte[] mutated(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        switch (random.nextInt(6)) {
            case 0 -> {
                bytes = new byte[random.nextInt(300)];
                random.nextBytes(bytes);
                if (bytes.length > 3 && random.nextBoolean()) {
                    System.arraycopy(seed, 0, bytes, 0, 3);
                }
            }
            case 1 -> bytes = Arrays.copyOf(seed, random.nextInt(seed.length + 50));
            case 2 -> {
                int from = random.nextInt(seed.length);
                int to = random.nextInt(seed.length);
                int length = random.nextInt(seed.length - Math.max(from, to) + 1);
                System.arraycopy(seed, from, bytes, to, length);
            }
            case 3 -> {
                int at = random.nextInt(seed.length - 1);
                bytes[at] = (byte) (random.nextBoolean() ? 0xFF : 0);
                bytes[at + 1] = (byte) (random.nextBoolean() ? 0xFF : random.nextInt());
            }
            case 4 -> {
                int at = random.nextInt(seed.length);
                bytes = Arrays.copyOf(seed, seed.length + 5);
                System.arraycopy(seed, at, bytes, at + 5, seed.length - at);
            }
            default -> {
                for (int i = random.nextInt(4); i >= 0; i--) {
                    bytes[random.nextInt(seed.length)] = (byte) random.nextInt();
                }
            }
        }
        return bytes;
    }
}
