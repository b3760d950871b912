package dev.kmsenvelope.tink;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.tink.TinkFormat.Head;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.OptionalInt;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;

/**
 * Reads one message of Tink's {@code KmsEnvelopeAead}. It has one tag, at its end: so nothing is released before the end, and
 * the message is held, up to the limit of the settings. The service is asked at the end too, and not for what is malformed
 * or too long. The layout is that of {@link TinkFormat}. Not thread-safe.
 */
public final class TinkEnvelopeReader implements MessageReader {

    private static final byte[] NOTHING = new byte[0];
    private static final int INITIAL = 256;

    private final DataKeyOpening dataKeys;
    private final EngineSettings settings;
    private final OptionalInt keyId;
    private final byte @Nullable [] iv;
    private final ByteArrayOutputStream aad = new ByteArrayOutputStream(0);
    private byte[] pending = NOTHING;
    private int pendingLength;
    private @Nullable Head head;
    private byte[] plaintext = NOTHING;
    private boolean verified;
    private @Nullable InvalidMessageException fault;
    private @Nullable RuntimeException failure;

    /**
     * Starts.
     *
     * @param recipient who reads; requires no encryption context, for there is none
     * @param settings what is accepted
     * @param keyId of the prefix that the message must have; empty if any will do, and none as well
     * @param iv the IV that the message must have, or null when any will do
     */
    public TinkEnvelopeReader(Recipient recipient, EngineSettings settings, OptionalInt keyId, byte @Nullable [] iv) {
        this.dataKeys = new DataKeyOpening(recipient, settings.gcm());
        this.settings = settings;
        this.keyId = keyId;
        this.iv = iv == null ? null : iv.clone();
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        if (pendingLength > 0 || hasFailed() || verified) {
            throw new IllegalStateException("associated data (AAD) comes before the data");
        }
        aad.write(in, offset, length);
    }

    @Override
    public void feed(byte[] in, int offset, int length) {
        if (length == 0 || hasFailed()) {
            return;
        }
        try {
            keep(in, offset, length);
        } catch (InvalidMessageException e) {
            fault(e);
        }
    }

    private void keep(byte[] in, int offset, int length) throws InvalidMessageException {
        if (head == null) {
            byte[] start = start(in, offset, length);
            head = TinkFormat.parse(start, 0, start.length);
            if (head != null) {
                requireKeyId(head);
            }
        }
        long all = (long) pendingLength + length;
        if (head != null) {
            requireHoldable(all - head.overhead());
        }
        if (all > pending.length) {
            pending = Arrays.copyOf(pending, (int) Math.max(all, Math.min(2L * pending.length + INITIAL, 1 << 30)));
        }
        System.arraycopy(in, offset, pending, pendingLength, length);
        pendingLength = (int) all;
    }

    /** The first bytes of the message, as far as its head reaches. */
    private byte[] start(byte[] in, int offset, int length) {
        int kept = Math.min(pendingLength, TinkFormat.MAX_HEAD);
        byte[] start = Arrays.copyOf(pending, kept + Math.min(length, TinkFormat.MAX_HEAD - kept));
        System.arraycopy(in, offset, start, kept, start.length - kept);
        return start;
    }

    private void requireKeyId(Head found) throws InvalidMessageException {
        if (keyId.isPresent() && !keyId.equals(found.keyId())) {
            throw new InvalidMessageException(
                    Reason.WRONG_KEY,
                    (found.keyId().isEmpty()
                                    ? "the message has no prefix of a keyset"
                                    : "the message has the prefix of key "
                                            + Integer.toUnsignedString(
                                                    found.keyId().getAsInt()))
                            + ", not that of key " + Integer.toUnsignedString(keyId.getAsInt()));
        }
    }

    /** The one place that decides what happens with a message that is longer than what is held in memory. */
    private void requireHoldable(long plaintextLength) throws InvalidMessageException {
        if (plaintextLength > settings.holdLimit()) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "a message of Tink with more than " + settings.holdLimit()
                            + " bytes, which are held back until its only tag is verified; the setting decrypt.hold"
                            + " allows more");
        }
    }

    @Override
    public void finish() throws InvalidMessageException {
        throwFailure();
        if (verified) {
            return;
        }
        byte[] opened = new byte[(int) Math.max(0, plaintextLength(pendingLength))];
        try {
            open(pending, 0, pendingLength, opened);
        } finally {
            pending = NOTHING;
        }
        plaintext = opened;
    }

    /** Where the message is all in one piece, it is decrypted from there to where it goes. */
    @Override
    public int finish(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        if (pendingLength > 0 || hasFailed()) {
            return MessageReader.super.finish(in, offset, length, out);
        }
        try {
            byte[] start = start(in, offset, length);
            Head found = TinkFormat.parse(start, 0, start.length);
            if (found != null) {
                requireKeyId(found);
                requireHoldable((long) length - found.overhead());
            }
            head = found;
        } catch (InvalidMessageException e) {
            throw fault(e);
        }
        return open(in, offset, length, out);
    }

    /** Decrypts the whole message to the start of an array; leaves nothing there that was not verified. */
    private int open(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        try {
            Head present = head;
            if (present == null || length < present.overhead()) {
                throw new InvalidMessageException(
                        Reason.TRUNCATED,
                        length == 0 ? "there is no message: 0 bytes" : "the message ends before its tag does");
            }
            int written = open(present, in, offset, length, out);
            verified = true;
            return written;
        } catch (InvalidMessageException e) {
            throw fault(e);
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        }
    }

    private int open(Head present, byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        int payload = offset + present.payloadOffset();
        byte[] nonce = Arrays.copyOfRange(in, payload, payload + TinkFormat.IV_LENGTH);
        if (iv != null && !MessageDigest.isEqual(iv, nonce)) {
            throw new InvalidMessageException(
                    Reason.NOT_AUTHENTIC, "the IV is not the one that the message was encrypted with");
        }
        byte[] encrypted = Arrays.copyOfRange(in, offset + present.length(), payload);
        int ciphertext = payload + TinkFormat.IV_LENGTH;
        try (AesGcm cipher = dataKeys.open(encrypted, (long) length - present.overhead())) {
            return cipher.decrypt(
                    nonce, new byte[][] {aad.toByteArray()}, in, ciphertext, offset + length - ciphertext, out, 0);
        } catch (AEADBadTagException e) {
            throw DataKeyOpening.notAuthentic();
        }
    }

    private InvalidMessageException fault(InvalidMessageException e) {
        fault = e;
        pending = NOTHING;
        return e;
    }

    private void throwFailure() throws InvalidMessageException {
        if (failure != null) {
            throw failure;
        }
        if (fault != null) {
            throw fault;
        }
    }

    private long plaintextLength(long messageLength) {
        return head == null ? 0 : Math.max(0, messageLength - head.overhead());
    }

    @Override
    public int available() {
        return plaintext.length;
    }

    @Override
    public int drain(byte[] out, int offset) {
        int length = plaintext.length;
        System.arraycopy(plaintext, 0, out, offset, length);
        wipe();
        return length;
    }

    @Override
    public int drain(ByteBuffer out) {
        int length = plaintext.length;
        out.put(plaintext);
        wipe();
        return length;
    }

    @Override
    public byte[] drain() {
        byte[] all = plaintext;
        plaintext = NOTHING;
        return all;
    }

    private void wipe() {
        Arrays.fill(plaintext, (byte) 0);
        plaintext = NOTHING;
    }

    @Override
    public long availableBound(int length) {
        return (long) pendingLength + length + plaintext.length;
    }

    @Override
    public int headLength() {
        return TinkFormat.MAX_HEAD;
    }

    @Override
    public long availableAtTheEnd(byte[] in, int offset, int present, int length) {
        if (hasFailed() || verified) {
            return available();
        }
        try {
            byte[] start = start(in, offset, present);
            Head found = head == null ? TinkFormat.parse(start, 0, start.length) : head;
            long plain = found == null ? 0 : (long) pendingLength + length - found.overhead();
            return plain > settings.holdLimit() ? 0 : Math.max(0, plain);
        } catch (InvalidMessageException e) {
            return 0;
        }
    }

    @Override
    public long mostAtTheEnd(byte[] in, int offset, int present, int length) {
        return availableAtTheEnd(in, offset, present, length);
    }

    @Override
    public long availableAfter(byte[] in, int offset, int present, int length) {
        return available();
    }

    @Override
    public byte @Nullable [] messageId() {
        return null;
    }

    @Override
    public @Nullable EncryptionContext verifiedContext() {
        return verified ? EncryptionContext.empty() : null;
    }

    @Override
    public boolean hasFailed() {
        return fault != null || failure != null;
    }

    /** Wipes what was not taken; idempotent. */
    @Override
    public void close() {
        wipe();
        pending = NOTHING;
    }
}
