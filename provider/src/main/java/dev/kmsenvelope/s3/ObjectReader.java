package dev.kmsenvelope.s3;

import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptionContext;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of one object. It has one tag, at its end, so nothing is released before all of it was verified: the
 * encrypted body is held, up to the limit that is set, and decrypted at the end. A body that comes in one piece, with its end,
 * needs no holding and may be longer. Not thread-safe.
 */
public final class ObjectReader implements MessageReader {

    private static final byte[] NOTHING = new byte[0];
    private static final int SMALLEST = 4096;

    private final Recipient recipient;
    private final EngineSettings settings;
    private final boolean legacy;
    private final @Nullable ContentMetadata metadata;
    private @Nullable BodyDecryption decryption;
    private byte[] held = NOTHING;
    private int heldLength;
    private byte[] plaintext = NOTHING;
    private int plaintextLength;
    private boolean verified;
    private @Nullable InvalidMessageException fault;
    private @Nullable RuntimeException failure;

    /**
     * Starts.
     *
     * @param pairs the object's metadata, as {@link MetadataName#select} gives it; what is wrong with it is a fault of the object
     * @param recipient who reads
     * @param legacy whether objects without authentication are read
     * @param settings what is accepted
     */
    public ObjectReader(Map<String, String> pairs, Recipient recipient, boolean legacy, EngineSettings settings) {
        this.recipient = recipient;
        this.settings = settings;
        this.legacy = legacy;
        ContentMetadata parsed = null;
        try {
            parsed = ContentMetadata.parse(pairs);
        } catch (InvalidMessageException e) {
            fault = e;
        }
        this.metadata = parsed;
    }

    private interface Reading {
        void read(ContentMetadata metadata) throws InvalidMessageException;
    }

    private void latching(Reading reading) {
        ContentMetadata parsed = metadata;
        if (parsed == null || hasFailed()) {
            return;
        }
        boolean read = false;
        try {
            reading.read(parsed);
            read = true;
        } catch (InvalidMessageException e) {
            fault = e;
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        } finally {
            if (!read) {
                if (fault == null && failure == null) {
                    failure = new IllegalStateException("reading the object ended with an error of the Java machine");
                }
                close();
            }
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
                hold(parsed, in, offset, length);
                opened(parsed);
            });
        }
    }

    /** The one place to put a body that is too long for memory: a file of encrypted bytes would do, nothing is released here. */
    private void hold(ContentMetadata parsed, byte[] in, int offset, int length) throws InvalidMessageException {
        long limit = (long) settings.holdLimit() + mostOverhead(parsed);
        if (heldLength + (long) length > limit) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "an object of more than " + settings.holdLimit() + " bytes, which is held back until all of it is"
                            + " verified; raise decrypt.hold, or decrypt it in one call");
        }
        reserve(heldLength + length, limit);
        System.arraycopy(in, offset, held, heldLength, length);
        heldLength += length;
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
            open = BodyDecryption.open(parsed, recipient, legacy, settings.gcm());
            decryption = open;
        }
        return open;
    }

    @Override
    public int finish(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        if (heldLength > 0 || length == 0) {
            return MessageReader.super.finish(in, offset, length, out);
        }
        int[] written = new int[1];
        latching(parsed -> written[0] = opened(parsed).decrypt(in, offset, length, out));
        end();
        return written[0];
    }

    @Override
    public void finish() throws InvalidMessageException {
        latching(parsed -> {
            if (heldLength == 0) {
                throw BodyDecryption.truncated(0);
            }
            byte[] out = new byte[(int) BodyDecryption.plaintextLength(parsed.algorithm(), heldLength)];
            plaintextLength = opened(parsed).decrypt(held, 0, heldLength, out);
            plaintext = out;
        });
        end();
    }

    private void end() throws InvalidMessageException {
        closeBody();
        if (failure != null) {
            throw failure;
        }
        if (fault != null) {
            throw fault;
        }
        verified = true;
    }

    @Override
    public int available() {
        return plaintextLength;
    }

    @Override
    public int drain(byte[] out, int offset) {
        int drained = plaintextLength;
        System.arraycopy(plaintext, 0, out, offset, drained);
        wipe();
        return drained;
    }

    @Override
    public int drain(ByteBuffer out) {
        int drained = plaintextLength;
        out.put(plaintext, 0, drained);
        wipe();
        return drained;
    }

    @Override
    public byte[] drain() {
        if (plaintextLength == plaintext.length) {
            byte[] all = plaintext;
            plaintext = NOTHING;
            plaintextLength = 0;
            return all;
        }
        byte[] copy = Arrays.copyOf(plaintext, plaintextLength);
        wipe();
        return copy;
    }

    private void wipe() {
        Arrays.fill(plaintext, (byte) 0);
        plaintext = NOTHING;
        plaintextLength = 0;
    }

    @Override
    public long availableBound(int length) {
        return plaintextLength + (long) heldLength + length;
    }

    @Override
    public int headLength() {
        return 0;
    }

    @Override
    public long availableAtTheEnd(byte[] in, int offset, int present, int length) {
        return metadata == null || hasFailed()
                ? 0
                : BodyDecryption.plaintextLength(metadata.algorithm(), (long) heldLength + length);
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
        return fault != null || failure != null;
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
        wipe();
        closeBody();
    }
}
