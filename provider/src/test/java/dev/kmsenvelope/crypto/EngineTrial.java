package dev.kmsenvelope.crypto;

import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.MessageDecryptor;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.TestEngine;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.OptionalInt;

/** A program: encrypts and decrypts with the engine of the given name, and damages each frame. */
public final class EngineTrial {

    private static final int FRAME = 40_000;
    private static final byte[] TEXT = TestEngine.randomBytes(10 * FRAME + 77, 5);

    private EngineTrial() {}

    /** The engine's name; and, where it has to be installed first, its class. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 1) {
            Security.addProvider(Class.forName(arguments[1])
                    .asSubclass(Provider.class)
                    .getDeclaredConstructor()
                    .newInstance());
        }
        GcmProvider.Choice choice = GcmProvider.choose(arguments[0]);
        System.out.println(choice.provider().getName() + ": " + choice.reason());
        System.out.println(
                "installed: " + (Security.getProvider(choice.provider().getName()) != null));
        tamper(choice.provider());
        inPieces(choice.provider());
        System.out.println("all is well");
    }

    static void tamper(Provider provider) throws Exception {
        InMemoryKeyService service = new InMemoryKeyService().withKey(TestEngine.KEY);
        for (int parallelism : new int[] {1, 4}) {
            EngineSettings settings =
                    new EngineSettings(OptionalInt.of(FRAME), HeaderLimits.DEFAULT, 1 << 20, provider, parallelism);
            byte[] message = TestEngine.encrypt(service, settings, TEXT);
            require(Arrays.equals(TestEngine.decrypt(service, message), TEXT), "the JDK's own opens it");
            byte[] theirs = TestEngine.encrypt(service, TestEngine.frames(FRAME), TEXT);
            byte[] out = new byte[TEXT.length + 1000];
            require(read(service, settings, theirs, out) == TEXT.length, "it opens the JDK's own");
            require(Arrays.equals(out, 0, TEXT.length, TEXT, 0, TEXT.length), "with the same plaintext");
            int header = message.length - 10 * (FRAME + 32) - (77 + 40);
            for (int frame = 0; frame <= 10; frame++) {
                int start = header + frame * (FRAME + 32);
                int end = Math.min(start + FRAME + 32, message.length);
                for (int at : new int[] {start, start + 8, start + 30, end - 17, end - 1}) {
                    byte[] changed = message.clone();
                    changed[at] ^= 1;
                    Arrays.fill(out, (byte) 0);
                    out[TEXT.length + 900] = 9;
                    int written = read(service, settings, changed, out);
                    require(written == frame * FRAME, "only what precedes frame " + frame + " leaves: " + written);
                    require(Arrays.equals(out, 0, written, TEXT, 0, written), "as it was");
                    require(
                            Arrays.equals(
                                            out,
                                            written,
                                            TEXT.length + 900,
                                            new byte[out.length],
                                            written,
                                            TEXT.length + 900)
                                    && out[TEXT.length + 900] == 9,
                            "nothing unverified stands in the output, and what stands behind it stays");
                }
            }
        }
    }

    /** One encryption whose plaintext comes in pieces, which each provider keeps back as much of as it likes. */
    static void inPieces(Provider provider) throws Exception {
        byte[] nonce = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        byte[] key = Arrays.copyOf(TEXT, 32);
        for (int piece : new int[] {1, 15, 16, 17, 1000, TEXT.length}) {
            int length = Math.min(TEXT.length, 300 * piece);
            byte[] out = new byte[length + 16];
            int at = 0;
            try (GcmEncryption encryption = new GcmEncryption(provider, key, nonce)) {
                encryption.updateAad(nonce, 0, 5);
                for (int from = 0; from < length; from += piece) {
                    int count = Math.min(piece, length - from);
                    require(at + encryption.updateSize(count) == from + count, "the size is what was not given yet");
                    at += encryption.update(TEXT, from, count, out, at);
                }
                require(at + encryption.finishSize(0) == out.length, "the rest and a tag");
                at += encryption.finish(TEXT, 0, 0, out, at);
            }
            require(at == out.length, "all of it");
            try (AesGcm jdk = AesGcm.of(TestEngine.GCM, key)) {
                byte[] back = jdk.decrypt(nonce, out, Arrays.copyOf(nonce, 5));
                require(Arrays.equals(back, Arrays.copyOf(TEXT, length)), "the JDK's own opens it");
            }
        }
    }

    private static int read(InMemoryKeyService service, EngineSettings settings, byte[] message, byte[] out) {
        try (MessageDecryptor decryptor =
                new MessageDecryptor(TestEngine.recipient(service), settings, Release.EACH_FRAME, null)) {
            int written = decryptor.feed(message, 0, 2000, out, 0);
            written += decryptor.feed(message, 2000, message.length - 2000, out, written);
            try {
                decryptor.finish();
            } catch (InvalidMessageException e) {
                return written;
            }
            return written + decryptor.drain(out, written);
        }
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException("not so: " + what);
        }
    }
}
