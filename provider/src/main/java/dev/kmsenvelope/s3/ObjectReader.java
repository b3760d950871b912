package dev.kmsenvelope.s3;

import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.PlaintextAtTheEnd;
import dev.kmsenvelope.engine.ReadingLatch;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptionContext;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import javax.crypto.BadPaddingException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of one object. It has one tag, at its end, so nothing is released before all of it was verified: the
 * encrypted body is held, up to the limit that is set, and decrypted at the end; beyond, its plaintext goes to an encrypted
 * temporary file, if the settings allow one ({@link PlaintextAtTheEnd}). A body that comes in one piece, with its end, needs
 * no holding and may be longer. Not thread-safe.
 */
public final class ObjectReader implements MessageReader {

    private static final byte[] NOTHING = new byte[0];
    private static final int SMALLEST = 4096;
    private static final String WHAT = "an object that is not decrypted in one call,";

    private final Recipient recipient;
    private final EngineSettings settings;
    private final S3Settings objects;
    private final @Nullable ContentMetadata metadata;
    private @Nullable BodyDecryption decryption;
    private byte[] held = NOTHING;
    private int heldLength;
    private final PlaintextAtTheEnd plaintext;
    private final ReadingLatch latch = new ReadingLatch(this::close);
    private long taken;
    private boolean verified;

    /**
     * Starts.
     *
     * @param pairs the object's metadata, as {@link MetadataName#select} gives it; what is wrong with it is a fault of the object
     * @param recipient who reads
     * @param objects which objects are read
     * @param settings what is accepted
     */
    public ObjectReader(Map<String, String> pairs, Recipient recipient, S3Settings objects, EngineSettings settings) {
        this.recipient = recipient;
        this.settings = settings;
        this.objects = objects;
        this.plaintext = new PlaintextAtTheEnd(settings);
        ContentMetadata parsed = null;
        try {
            parsed = ContentMetadata.parse(pairs);
        } catch (InvalidMessageException e) {
            latch.set(e);
        }
        this.metadata = parsed;
    }

    private interface Reading {
        void read(ContentMetadata metadata) throws InvalidMessageException;
    }

    private void latching(Reading reading) {
        ContentMetadata parsed = metadata;
        if (parsed != null) {
            latch.run(() -> reading.read(parsed));
        }
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        if (length > 0) {
            throw ObjectWriter.noAad();
        }
    }

    @Override
    public void feed(byte[] in, int offset, int length) {
        if (length > 0) {
            latching(parsed -> {
                if (!plaintext.isForAFile(taken + length - mostOverhead(parsed), WHAT)) {
                    hold(parsed, in, offset, length);
                    opened(parsed);
                } else {
                    spool(opened(parsed), in, offset, length);
                }
                taken += length;
            });
        }
    }

    private void hold(ContentMetadata parsed, byte[] in, int offset, int length) {
        reserve(heldLength + length, (long) settings.holdLimit() + mostOverhead(parsed));
        System.arraycopy(in, offset, held, heldLength, length);
        heldLength += length;
    }

    private void spool(BodyDecryption open, byte[] in, int offset, int length) {
        if (!plaintext.isSpooling()) {
            plaintext.spool(open.inPieces());
            plaintext.feed(held, 0, heldLength);
            held = NOTHING;
            heldLength = 0;
        }
        plaintext.feed(in, offset, length);
    }

    private static int mostOverhead(ContentMetadata parsed) {
        return parsed.algorithm() == ContentAlgorithm.CBC
                ? 16
                : parsed.algorithm().tagLength();
    }

    private void reserve(int needed, long limit) {
        if (needed > held.length) {
            long roomy = Math.max(needed, Math.max(SMALLEST, 2L * held.length));
            held = Arrays.copyOf(held, (int) Math.max(needed, Math.min(roomy, limit)));
        }
    }

    @Override
    public void expect(long length) {
        if (metadata != null && !hasFailed()) {
            long limit = (long) settings.holdLimit() + mostOverhead(metadata);
            long wanted = length + mostOverhead(metadata);
            if (wanted <= limit) {
                reserve((int) wanted, limit);
            }
        }
    }

    private BodyDecryption opened(ContentMetadata parsed) throws InvalidMessageException {
        BodyDecryption open = decryption;
        if (open == null) {
            open = BodyDecryption.open(parsed, recipient, objects, settings.gcm());
            decryption = open;
        }
        return open;
    }

    @Override
    public int finish(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        if (taken > 0 || length == 0) {
            return MessageReader.super.finish(in, offset, length, out);
        }
        int[] written = new int[1];
        latching(parsed -> written[0] = opened(parsed).decrypt(in, offset, length, out));
        end();
        return written[0];
    }

    @Override
    public void finish() throws InvalidMessageException {
        if (verified) {
            return;
        }
        latching(parsed -> {
            if (taken == 0) {
                throw BodyDecryption.truncated(0);
            }
            if (plaintext.isSpooling()) {
                verifySpooled(opened(parsed));
            } else {
                byte[] out = new byte[(int) BodyDecryption.plaintextLength(parsed.algorithm(), heldLength)];
                plaintext.set(out, opened(parsed).decrypt(held, 0, heldLength, out));
            }
        });
        end();
    }

    private void verifySpooled(BodyDecryption open) throws InvalidMessageException {
        open.requireWhole(taken);
        try {
            plaintext.verify();
        } catch (BadPaddingException e) {
            throw DataKeyFinder.notAuthentic();
        }
        open.used(plaintext.decrypted());
    }

    private void end() throws InvalidMessageException {
        closeBody();
        latch.rethrow();
        verified = true;
    }

    @Override
    public int available() {
        return plaintext.available();
    }

    @Override
    public int drain(byte[] out, int offset) {
        return plaintext.drain(out, offset);
    }

    @Override
    public int drain(ByteBuffer out) {
        return plaintext.drain(out);
    }

    @Override
    public byte[] drain() {
        return plaintext.drain();
    }

    @Override
    public byte[] next() {
        return plaintext.next();
    }

    @Override
    public long availableBound(int length) {
        return (verified ? 0 : taken) + plaintext.available() + length;
    }

    @Override
    public int headLength() {
        return 0;
    }

    @Override
    public long availableAtTheEnd(byte[] in, int offset, int present, int length) {
        return metadata == null || hasFailed()
                ? 0
                : BodyDecryption.plaintextLength(metadata.algorithm(), taken + length);
    }

    @Override
    public long mostAtTheEnd(byte[] in, int offset, int present, int length) {
        return availableAtTheEnd(in, offset, present, length);
    }

    @Override
    public long availableAfter(byte[] in, int offset, int present, int length) {
        return 0;
    }

    @Override
    public byte @Nullable [] messageId() {
        return verified && metadata != null && metadata.algorithm() != ContentAlgorithm.CBC
                ? metadata.nonce().clone()
                : null;
    }

    @Override
    public @Nullable EncryptionContext verifiedContext() {
        return verified && metadata != null ? metadata.callersContext() : null;
    }

    @Override
    public boolean hasFailed() {
        return latch.isSet();
    }

    private void closeBody() {
        held = NOTHING;
        heldLength = 0;
        if (decryption != null) {
            decryption.close();
        }
    }

    /** Wipes what was not taken and lets go of the keys; idempotent. */
    @Override
    public void close() {
        plaintext.close();
        closeBody();
    }
}
