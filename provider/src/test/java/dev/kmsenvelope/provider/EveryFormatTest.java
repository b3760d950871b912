package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.provider.RandomMessages.Family;
import dev.kmsenvelope.provider.RandomMessages.Kind;
import dev.kmsenvelope.testing.Ciphers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What holds for every format, with sizes, parameters, pieces and call forms drawn at random: what was written is read, in
 * pieces as at once, by ciphers, streams and channels. Each round has a seed of its own, which a failure names: the system
 * property {@value #SEED} runs that round only, {@value #ROUNDS} says how many there are for a format.
 */
class EveryFormatTest {

    private static final String SEED = "kms-envelope.test.seed";
    private static final String ROUNDS = "kms-envelope.test.rounds";

    @ParameterizedTest
    @EnumSource
    void roundTrips(Family family) throws Exception {
        RandomMessages messages = new RandomMessages();
        Long given = Long.getLong(SEED);
        Random seeds = new Random();
        int rounds = given == null ? Integer.getInteger(ROUNDS, 40) : 1;
        for (int i = 0; i < rounds; i++) {
            long seed = given == null ? seeds.nextLong() : given;
            Random random = new Random(seed);
            Kind kind = messages.next(family, random);
            try {
                roundTrip(kind, random);
            } catch (Exception | AssertionError e) {
                throw new AssertionError(family + " fails with -D" + SEED + "=" + seed + ": " + kind, e);
            }
        }
    }

    /** A message, and what its writer told. */
    private record Written(byte[] message, byte[] iv, S3EncryptionMetadata metadata) {}

    private static void roundTrip(Kind kind, Random random) throws Exception {
        Written written = random.nextInt(4) == 0 ? writtenByChannels(kind) : writtenByCipher(kind, random);
        boolean asking = written.iv() != null && random.nextBoolean();
        AlgorithmParameterSpec reading = kind.toRead(written.iv(), written.metadata(), asking);
        byte[] message = written.message();
        RandomCalls calls = new RandomCalls(random, kind.wireUnit());

        byte[] atOnce = reader(kind, reading, calls).doFinal(message);
        assertThat(atOnce).as("read at once").isEqualTo(kind.plaintext());
        assertThat(calls.run(reader(kind, reading, calls), message))
                .as("read in pieces")
                .isEqualTo(atOnce);
        assertThat(readByChannels(kind, reading, message)).as("channels").isEqualTo(atOnce);

        int at = random.nextInt(message.length);
        byte[] changed = Ciphers.flipped(message, at);
        assertThatExceptionOfType(AEADBadTagException.class)
                .as("bit 0 of byte " + at + " changed")
                .isThrownBy(() -> reader(kind, reading, calls).doFinal(changed));
        byte[] cut = Arrays.copyOf(message, at);
        assertThatExceptionOfType(AEADBadTagException.class)
                .as("cut off after " + at)
                .isThrownBy(() -> reader(kind, reading, calls).doFinal(cut));
        if (kind.format() != EnvelopeFormat.S3EC) {
            Cipher other = Ciphers.ours(kind.transformation(), Cipher.DECRYPT_MODE, kind.key(), reading);
            other.updateAAD(Arrays.copyOf(kind.aad(), kind.aad().length + 1));
            assertThatExceptionOfType(AEADBadTagException.class)
                    .as("other associated data")
                    .isThrownBy(() -> other.doFinal(message));
        }
    }

    private static Cipher reader(Kind kind, AlgorithmParameterSpec spec, RandomCalls calls) throws Exception {
        Cipher cipher = Ciphers.ours(kind.transformation(), Cipher.DECRYPT_MODE, kind.key(), spec);
        calls.giveAad(cipher, kind.aad());
        return cipher;
    }

    private static Written writtenByCipher(Kind kind, Random random) throws Exception {
        Cipher cipher = Ciphers.ours(kind.transformation(), Cipher.ENCRYPT_MODE, kind.key(), kind.toWrite());
        RandomCalls calls = new RandomCalls(random, kind.unit());
        calls.giveAad(cipher, kind.aad());
        S3EncryptionMetadata metadata = kind.format() == EnvelopeFormat.S3EC ? S3Objects.metadata(cipher) : null;
        byte[] iv = cipher.getIV();
        return new Written(calls.run(cipher, kind.plaintext()), iv, metadata);
    }

    private static Written writtenByChannels(Kind kind) throws Exception {
        S3EncryptionMetadata[] metadata = new S3EncryptionMetadata[1];
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EnvelopeChannels.Result result = kind.channels(kind.toWrite())
                .withS3MetadataTo(told -> metadata[0] = told)
                .encrypt(new ByteArrayInputStream(kind.plaintext()), out);
        assertThat(result.messageLength()).isEqualTo(out.size());
        assertThat(result.plaintextLength()).isEqualTo(kind.plaintext().length);
        return new Written(out.toByteArray(), null, metadata[0]);
    }

    private static byte[] readByChannels(Kind kind, AlgorithmParameterSpec spec, byte[] message) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EnvelopeChannels.Result result = kind.channels(spec).decrypt(new ByteArrayInputStream(message), out);
        assertThat(result.messageLength()).isEqualTo(message.length);
        assertThat(result.plaintextLength()).isEqualTo(out.size());
        assertThat(result.context().asMap())
                .containsAllEntriesOf(kind.writing().context().asMap());
        return out.toByteArray();
    }
}
