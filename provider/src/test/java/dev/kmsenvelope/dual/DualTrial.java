package dev.kmsenvelope.dual;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.provider.EnvelopeChannels;
import dev.kmsenvelope.provider.EnvelopeFormat;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.DualMessages;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32;
import javax.crypto.AEADBadTagException;

/** A program: tells the engines, sends a long message through memory that could not hold it, and damages a short one. */
public final class DualTrial {

    private DualTrial() {}

    /** Bytes that can be told again from their number. */
    private static final class Numbers extends InputStream {

        private final CRC32 sum = new CRC32();
        private long left;

        Numbers(long length) {
            left = length;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            if (left == 0) {
                return -1;
            }
            int count = (int) Math.min(left, length);
            for (int i = offset; i < offset + count; i++) {
                bytes[i] = (byte) (left-- * 31);
            }
            sum.update(bytes, offset, count);
            return count;
        }
    }

    private static final class Sum extends OutputStream {

        private final CRC32 sum = new CRC32();
        private long count;

        @Override
        public void write(int b) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            sum.update(bytes, offset, length);
            count += length;
        }
    }

    /** The length of the long message; and anything more, to install Corretto before the other providers. */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 1) {
            Object corretto = Class.forName("com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider")
                    .getField("INSTANCE")
                    .get(null);
            Security.insertProviderAt((Provider) corretto, 1);
        }
        DualEngines engines = DualEngines.of(Configuration.empty());
        System.out.println("inner: " + engines.inner());
        System.out.println("outer: " + engines.outer());
        KmsSecretKey handle = DualMessages.handle(DualMessages.service(), "parallelism", "3");
        stream(handle, Long.parseLong(arguments[0]));
        damage(handle);
        System.out.println("all is well");
    }

    private static void stream(KmsSecretKey handle, long length) throws Exception {
        EnvelopeChannels channels = EnvelopeChannels.of(handle).format(EnvelopeFormat.DUAL);
        Numbers plaintext = new Numbers(length);
        PipedOutputStream written = new PipedOutputStream();
        PipedInputStream read = new PipedInputStream(written, 1 << 16);
        CompletableFuture<Void> encrypting = CompletableFuture.runAsync(() -> {
            try (written) {
                channels.encrypt(plaintext, written);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Sum opened = new Sum();
        channels.decrypt(read, opened);
        encrypting.get();
        require(opened.count == length, "all came out");
        require(opened.sum.getValue() == plaintext.sum.getValue(), "as it went in");
    }

    private static void damage(KmsSecretKey handle) throws Exception {
        byte[] message = DualMessages.encrypt(handle, Ciphers.random(1_000_000));
        for (int at = 0; at < message.length; at += 33_333) {
            byte[] changed = Ciphers.flipped(message, at);
            boolean refused = false;
            try {
                DualMessages.decrypt(handle, changed);
            } catch (AEADBadTagException e) {
                refused = true;
            }
            require(refused, "a change at " + at + " is found");
        }
        require(
                Arrays.equals(DualMessages.decrypt(handle, message), Ciphers.random(1_000_000)),
                "and none without one");
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException("not so: " + what);
        }
    }
}
