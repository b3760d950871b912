package dev.kmsenvelope.testing;

import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.dek.DirectDataKeySource;
import dev.kmsenvelope.engine.Commitment;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.EsdkSettings;
import dev.kmsenvelope.engine.MessageDecryptor;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageEncryptor;
import dev.kmsenvelope.engine.MessageId;
import dev.kmsenvelope.engine.MessageOptions;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import java.io.ByteArrayOutputStream;
import java.security.Provider;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.IntSupplier;
import javax.crypto.ShortBufferException;

/** Short ways to write and read whole messages with a key that is called {@value #KEY}. */
public final class TestEngine {

    public static final String KEY = "master";
    public static final Provider GCM = GcmProvider.find(GcmProvider.AUTO);
    public static final IntSupplier AT_ONCE = () -> Integer.MAX_VALUE;
    public static final IntSupplier BYTE_BY_BYTE = () -> 1;

    private TestEngine() {}

    public static EngineSettings defaults() {
        return new EngineSettings(OptionalInt.empty(), HeaderLimits.DEFAULT, EngineSettings.DEFAULT_HOLD_LIMIT, GCM);
    }

    public static EngineSettings frames(int length) {
        return defaults().withFrameLength(length);
    }

    public static EngineSettings holding(int limit) {
        return new EngineSettings(OptionalInt.empty(), HeaderLimits.DEFAULT, limit, GCM);
    }

    /** Settings that read messages of every suite. */
    public static EngineSettings everySuite() {
        return defaults().withEsdk(new EsdkSettings(Commitment.REQUIRE_ENCRYPT_ALLOW_DECRYPT, Optional.empty()));
    }

    public static byte[] randomBytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    public static byte[] zeroIv() {
        return new byte[12];
    }

    /** Pieces of 1 to {@code most} bytes. */
    public static IntSupplier pieces(int most, long seed) {
        Random random = new Random(seed);
        return () -> 1 + random.nextInt(most);
    }

    public static byte[] newMessageId() {
        return MessageId.create(RandomSource.operatingSystem(), zeroIv());
    }

    public static MessageEncryptor encryptor(KeyService service, EncryptionContext context, EngineSettings settings) {
        return MessageEncryptor.start(
                new DirectDataKeySource(service), KeyId.of(KEY), context, newMessageId(), settings);
    }

    public static byte[] encrypt(KeyService service, EngineSettings settings, byte[] plaintext) {
        return encrypt(service, EncryptionContext.empty(), settings, new byte[0], plaintext);
    }

    public static byte[] encrypt(
            KeyService service, EncryptionContext context, EngineSettings settings, byte[] aad, byte[] plaintext) {
        try (MessageEncryptor encryptor = encryptor(service, context, settings)) {
            encryptor.updateAad(aad, 0, aad.length);
            return write(encryptor, plaintext, AT_ONCE);
        }
    }

    /** A message of any suite. */
    public static byte[] encrypt(
            KeyService service, MessageOptions options, EngineSettings settings, byte[] aad, byte[] plaintext) {
        return encrypt(service, options, settings, aad, plaintext, AT_ONCE);
    }

    /** A message of any suite, written in pieces. */
    public static byte[] encrypt(
            KeyService service,
            MessageOptions options,
            EngineSettings settings,
            byte[] aad,
            byte[] plaintext,
            IntSupplier pieces) {
        byte[] id = MessageId.create(RandomSource.operatingSystem(), options.suite());
        try (MessageEncryptor encryptor =
                MessageEncryptor.start(new DirectDataKeySource(service), KeyId.of(KEY), options, id, settings)) {
            encryptor.updateAad(aad, 0, aad.length);
            return write(encryptor, plaintext, pieces, !options.suite().isSigned());
        }
    }

    /** Writes a message in pieces, each into an array that is exactly as long as it was said to be needed. */
    public static byte[] write(MessageEncryptor encryptor, byte[] plaintext, IntSupplier pieces) {
        return write(encryptor, plaintext, pieces, true);
    }

    /** The same, where a signature may be shorter than was said, if it is not exact. */
    public static byte[] write(MessageEncryptor encryptor, byte[] plaintext, IntSupplier pieces, boolean exact) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        int at = 0;
        try {
            int piece = pieces.getAsInt();
            while (piece < plaintext.length - at) {
                byte[] out = new byte[(int) encryptor.updateSize(piece)];
                message.write(out, 0, expectAll(encryptor.update(plaintext, at, piece, out, 0), out));
                at += piece;
                piece = pieces.getAsInt();
            }
            byte[] out = new byte[(int) encryptor.finishSize(plaintext.length - at)];
            int written = encryptor.finish(plaintext, at, plaintext.length - at, out, 0);
            message.write(out, 0, exact ? expectAll(written, out) : written);
        } catch (ShortBufferException e) {
            throw new AssertionError("the size that was said is not enough", e);
        }
        return message.toByteArray();
    }

    private static int expectAll(int written, byte[] out) {
        if (written != out.length) {
            throw new AssertionError(written + " bytes were written where " + out.length + " were said");
        }
        return written;
    }

    public static Recipient recipient(KeyService service) {
        return recipient(service, EncryptionContext.empty());
    }

    public static Recipient recipient(KeyService service, EncryptionContext required, KeyId... moreKeys) {
        return new Recipient(service, new DirectDataKeySource(service), KeyId.of(KEY), List.of(moreKeys), required);
    }

    public static MessageDecryptor decryptor(KeyService service, Release release) {
        return new MessageDecryptor(recipient(service), defaults(), release, null);
    }

    public static byte[] decrypt(KeyService service, byte[] message) throws InvalidMessageException {
        return decrypt(decryptor(service, Release.AT_THE_END), message);
    }

    public static byte[] decrypt(MessageDecryptor decryptor, byte[] message) throws InvalidMessageException {
        Reading reading = Reading.of(decryptor, message, AT_ONCE);
        if (reading.fault() instanceof InvalidMessageException fault) {
            throw fault;
        }
        if (reading.fault() instanceof RuntimeException failure) {
            throw failure;
        }
        return reading.all();
    }

    /**
     * What became of a message.
     *
     * @param early the plaintext that was released before the message was ended
     * @param all all plaintext that was released
     * @param fault what {@code finish} threw, or null
     */
    public record Reading(byte[] early, byte[] all, Exception fault) {

        public static Reading of(MessageDecryptor decryptor, byte[] message, IntSupplier pieces) {
            ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
            try (decryptor) {
                for (int at = 0; at < message.length; ) {
                    int piece = Math.min(pieces.getAsInt(), message.length - at);
                    try {
                        decryptor.feed(message, at, piece);
                    } catch (RuntimeException e) {
                        // finish() says it again
                    }
                    plaintext.writeBytes(drain(decryptor));
                    at += piece;
                }
                byte[] early = plaintext.toByteArray();
                try {
                    decryptor.finish();
                } catch (InvalidMessageException | RuntimeException e) {
                    if (decryptor.available() != 0) {
                        throw new AssertionError("plaintext is available after a failure", e);
                    }
                    return new Reading(early, early, e);
                }
                plaintext.writeBytes(drain(decryptor));
                return new Reading(early, plaintext.toByteArray(), null);
            }
        }

        private static byte[] drain(MessageDecryptor decryptor) {
            byte[] out = new byte[decryptor.available()];
            if (decryptor.drain(out, 0) != out.length) {
                throw new AssertionError("drain() gives something else than available() says");
            }
            return out;
        }
    }
}
