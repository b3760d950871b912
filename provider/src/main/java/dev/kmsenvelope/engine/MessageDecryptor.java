package dev.kmsenvelope.engine;

import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.BodyLayout;
import dev.kmsenvelope.format.HeaderScanner;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads one message and releases verified plaintext only: frame by frame, or, where it is asked to hold, nothing before the
 * end was verified, up to a limit. Of a signed message nothing leaves before the signature was verified, whatever was
 * asked; one that is longer than the limit goes to an encrypted temporary file, or is refused.
 *
 * <p>What is released while it is being decrypted goes straight to the caller's output, frame by frame as it is verified; the
 * place of a frame that turns out bad is zeroed. Not thread-safe.
 */
public final class MessageDecryptor implements MessageReader {

    /** When plaintext is released. */
    public enum Release {
        /** Each frame as soon as it is verified. */
        EACH_FRAME,
        /** Nothing before the end is verified, unless the message is longer than the limit: then each frame from there on. */
        AT_THE_END
    }

    private static final byte[] NOTHING = new byte[0];

    private final Recipient recipient;
    private final EngineSettings settings;
    private final byte @Nullable [] iv;
    private @Nullable ByteArrayOutputStream aad;
    private final HeaderScanner scanner;
    private final PlaintextGate gate;
    private final HeldPlaintext plaintext;
    private final Release release;
    private boolean started;
    private @Nullable MessageHeader header;
    private @Nullable EncryptionContext context;
    private @Nullable BodyOpener body;
    private byte @Nullable [] output;
    private int outputOffset;
    private @Nullable InvalidMessageException fault;
    private @Nullable RuntimeException failure;

    /**
     * Starts.
     *
     * @param recipient who reads
     * @param settings what is accepted
     * @param release when plaintext is released
     * @param iv the IV that the message must have been encrypted with, or null when any will do
     */
    public MessageDecryptor(Recipient recipient, EngineSettings settings, Release release, byte @Nullable [] iv) {
        this.recipient = recipient;
        this.settings = settings;
        this.release = release;
        this.iv = iv == null ? null : iv.clone();
        this.scanner = new HeaderScanner(settings.limits());
        this.gate = new PlaintextGate(settings, release);
        this.plaintext = gate.held();
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        if (started) {
            throw new IllegalStateException("associated data (AAD) comes before the data");
        }
        if (aad == null) {
            aad = new ByteArrayOutputStream(length);
        }
        aad.write(in, offset, length);
    }

    @Override
    public void feed(byte[] in, int offset, int length) {
        if (length == 0 || fault != null || failure != null) {
            return;
        }
        started = true;
        latching(() -> read(in, offset, length));
    }

    private interface Reading {
        void read() throws InvalidMessageException;
    }

    private void latching(Reading reading) {
        boolean read = false;
        try {
            reading.read();
            read = true;
        } catch (InvalidMessageException e) {
            fault = e;
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        } finally {
            if (!read) {
                if (fault == null && failure == null) {
                    failure = new IllegalStateException("reading the message ended with an error of the Java machine");
                }
                gate.discardUnreleased();
                closeBody();
            }
        }
    }

    @Override
    public int feed(byte[] in, int offset, int length, byte[] out, int outOffset) {
        return begin(in, offset, length, out, outOffset).finish();
    }

    @Override
    public Ongoing begin(byte[] in, int offset, int length, byte[] out, int outOffset) {
        output = out;
        outputOffset = outOffset;
        BodyOpener.@Nullable Run[] begun = new BodyOpener.@Nullable Run[1];
        if (body != null && fault == null && failure == null && length > 0) {
            try {
                latching(() -> {
                    attachOutput();
                    begun[0] = plaintext.isAttached() ? requireBody().start(in, offset, length) : null;
                });
            } finally {
                if (failure != null) {
                    plaintext.detach();
                }
            }
        }
        BodyOpener.Run run = begun[0];
        return () -> {
            int written;
            try {
                if (run == null) {
                    feed(in, offset, length);
                } else {
                    latching(() -> {
                        run.finish();
                        gate.decide();
                    });
                    feed(in, offset + run.length(), length - run.length());
                }
            } finally {
                written = plaintext.detach();
                output = null;
            }
            return written + drain(out, outOffset + written);
        };
    }

    private BodyOpener requireBody() {
        if (body == null) {
            throw new IllegalStateException("the header comes before the body");
        }
        return body;
    }

    @Override
    public int finish(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        boolean verified = false;
        try {
            if (!gate.isSpooling()) {
                plaintext.attach(out, 0);
            }
            feed(in, offset, length);
            int written = plaintext.detach();
            finish();
            written += gate.drain(out, written);
            verified = true;
            return written;
        } finally {
            plaintext.detach();
            if (!verified) {
                Arrays.fill(out, (byte) 0);
            }
        }
    }

    @Override
    public void expect(long length) {
        if (settings.spool().limit() == 0) {
            plaintext.reserve((int) Math.min(Integer.MAX_VALUE, Math.max(0, length - plaintext.size())));
        }
    }

    private void read(byte[] in, int offset, int length) throws InvalidMessageException {
        int from = offset;
        int end = offset + length;
        if (body == null) {
            from += scanner.feed(in, from, end - from);
            AlgorithmSuite suite = scanner.suite();
            if (suite != null) {
                settings.esdk().requireReadable(suite);
            }
            if (!scanner.isComplete()) {
                return;
            }
            body = openHeader();
        }
        while (from < end) {
            attachOutput();
            from += body.feed(in, from, end - from);
            gate.decide();
        }
    }

    private void attachOutput() {
        if (output != null && !plaintext.isAttached() && gate.isOpen()) {
            plaintext.attach(output, outputOffset);
        }
    }

    private BodyOpener openHeader() throws InvalidMessageException {
        MessageHeader parsed = scanner.parse();
        header = parsed;
        FooterVerifier signature = FooterVerifier.of(parsed, scanner);
        HeaderOpener.Opened opened = new HeaderOpener(recipient, settings)
                .open(parsed, scanner.tag(), aad == null ? NOTHING : aad.toByteArray(), iv);
        context = opened.context();
        gate.start(parsed.suite().isSigned());
        return new BodyOpener(
                opened, new BodyLayout(parsed, settings.holdLimit()), signature, plaintext, settings.parallelism());
    }

    @Override
    public int available() {
        return gate.available();
    }

    @Override
    public int drain(byte[] out, int offset) {
        return gate.drain(out, offset);
    }

    @Override
    public int drain(ByteBuffer out) {
        return gate.drain(out);
    }

    @Override
    public byte[] drain() {
        return gate.drain();
    }

    @Override
    public byte[] next() {
        return gate.next();
    }

    @Override
    public long availableBound(int length) {
        return gate.length() + (body == null ? 0 : body.pendingLength()) + length;
    }

    @Override
    public int headLength() {
        return body == null ? settings.limits().maxHeaderLength() + MessageHeader.TAG_LENGTH : 0;
    }

    @Override
    public long availableAtTheEnd(byte[] in, int offset, int present, int length) {
        return expected(in, offset, present, length, BodyLayout::plaintextLength);
    }

    @Override
    public long mostAtTheEnd(byte[] in, int offset, int present, int length) {
        return expected(in, offset, present, length, BodyLayout::mostPlaintext);
    }

    @Override
    public long availableAfter(byte[] in, int offset, int present, int length) {
        if (body != null && gate.holdsAll()) {
            return 0;
        }
        long most = mostAtTheEnd(in, offset, present, length);
        return release == Release.AT_THE_END && !gate.isOpen() && most <= settings.holdLimit() ? 0 : most;
    }

    private long expected(byte[] in, int offset, int present, int length, ToPlaintext plaintextOf) {
        if (fault != null || failure != null) {
            return available();
        }
        try {
            if (body != null && header != null) {
                BodyLayout layout = new BodyLayout(header, settings.holdLimit());
                return gate.length()
                        + (body.isComplete() ? 0 : plaintextOf.length(layout, (long) body.pendingLength() + length));
            }
            if (length < scanner.wanted()) {
                return 0; // surely still the header; copying it for every byte would be quadratic
            }
            HeaderScanner ahead = scanner.copy();
            int taken = ahead.feed(in, offset, present);
            return ahead.isComplete()
                    ? plaintextOf.length(new BodyLayout(ahead.parse(), settings.holdLimit()), (long) length - taken)
                    : 0;
        } catch (InvalidMessageException e) {
            return 0;
        }
    }

    private interface ToPlaintext {
        long length(BodyLayout layout, long bodyLength);
    }

    @Override
    public void finish() throws InvalidMessageException {
        closeBody();
        if (fault == null && failure == null && (body == null || !body.isComplete())) {
            fault = new InvalidMessageException(
                    Reason.TRUNCATED, started ? truncation() : "there is no message: 0 bytes");
        }
        if (fault != null || failure != null) {
            gate.wipe();
        }
        if (failure != null) {
            throw failure;
        }
        if (fault != null) {
            throw fault;
        }
        gate.openAll();
    }

    private String truncation() {
        return body == null ? "the message ends within its header" : "the message ends before its last frame does";
    }

    @Override
    public byte @Nullable [] messageId() {
        return body == null || header == null ? null : header.messageId();
    }

    @Override
    public @Nullable EncryptionContext verifiedContext() {
        return body == null ? null : context;
    }

    @Override
    public @Nullable EncryptionContext storedContext() {
        return body == null || header == null ? null : header.context();
    }

    /**
     * The header.
     *
     * @return the header, or null before it was verified
     */
    public @Nullable MessageHeader verifiedHeader() {
        return body == null ? null : header;
    }

    @Override
    public boolean hasFailed() {
        return fault != null || failure != null;
    }

    private void closeBody() {
        if (body != null) {
            body.close();
        }
    }

    /** Wipes what was not taken and lets go of the keys; idempotent. */
    @Override
    public void close() {
        gate.close();
        closeBody();
    }
}
