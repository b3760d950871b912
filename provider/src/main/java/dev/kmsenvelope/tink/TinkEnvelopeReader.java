package dev.kmsenvelope.tink;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.engine.PlaintextAtTheEnd;
import dev.kmsenvelope.engine.ReadingLatch;
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
import javax.crypto.BadPaddingException;
import org.jspecify.annotations.Nullable;

/**
 * Reads one message of Tink's {@code KmsEnvelopeAead}. It has one tag, at its end: so nothing is released before the end, and
 * the message is held, up to the limit of the settings; beyond, its plaintext goes to an encrypted temporary file, if the
 * settings allow one ({@link PlaintextAtTheEnd}). The service is not asked for what is malformed or too long; it is asked at
 * the end or, for a file, when that begins. The layout is that of {@link TinkFormat}. Not thread-safe.
 */
public final class TinkEnvelopeReader implements MessageReader {

    private static final byte[] NOTHING = new byte[0];
    private static final int INITIAL = 256;
    private static final String WHAT = "a message of Tink";

    private final DataKeyOpening dataKeys;
    private final OptionalInt keyId;
    private final byte @Nullable [] iv;
    private final ByteArrayOutputStream aad = new ByteArrayOutputStream(0);
    private final PlaintextAtTheEnd plaintext;
    private final ReadingLatch latch = new ReadingLatch(this::close);
    private byte[] pending = NOTHING;
    private int pendingLength;
    private long taken;
    private @Nullable Head head;
    private @Nullable DataKeyLease dataKey;
    private boolean verified;

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
        this.plaintext = new PlaintextAtTheEnd(settings);
        this.keyId = keyId;
        this.iv = iv == null ? null : iv.clone();
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        if (taken > 0 || hasFailed() || verified) {
            throw new IllegalStateException("associated data (AAD) comes before the data");
        }
        aad.write(in, offset, length);
    }

    @Override
    public void feed(byte[] in, int offset, int length) {
        if (length > 0) {
            latch.run(() -> {
                if (plaintext.isSpooling()) {
                    requireAllowed(length);
                    plaintext.feed(in, offset, length);
                } else {
                    keep(in, offset, length);
                }
                taken += length;
            });
        }
    }

    private void keep(byte[] in, int offset, int length) throws InvalidMessageException {
        if (head == null) {
            byte[] start = start(in, offset, length, TinkFormat.MAX_HEAD);
            head = TinkFormat.parse(start, 0, start.length);
            if (head != null) {
                requireKeyId(head);
            }
        }
        if (head != null && requireAllowed(length)) {
            spool(head, in, offset, length);
            return;
        }
        int all = Math.addExact(pendingLength, length);
        if (all > pending.length) {
            pending = Arrays.copyOf(pending, (int) Math.max(all, Math.min(2L * pending.length + INITIAL, 1 << 30)));
        }
        System.arraycopy(in, offset, pending, pendingLength, length);
        pendingLength = all;
    }

    /** Whether the message, with so many more bytes, goes to a file; throws if it is too long for that too. */
    private boolean requireAllowed(int length) throws InvalidMessageException {
        return plaintext.isForAFile(plaintextLength(taken + length), WHAT);
    }

    /** All that precedes the ciphertext is there: there are even bytes of plaintext. */
    private void spool(Head present, byte[] in, int offset, int length) throws InvalidMessageException {
        int headed = present.payloadOffset() + TinkFormat.IV_LENGTH;
        byte[] start = start(in, offset, length, headed);
        byte[] nonce = nonce(start, present.payloadOffset());
        byte[] encrypted = Arrays.copyOfRange(start, present.length(), present.payloadOffset());
        DataKeyOpening.InPieces opened = dataKeys.openInPieces(encrypted, nonce, aad.toByteArray());
        dataKey = opened.dataKey();
        plaintext.spool(opened.decryption());
        int kept = Math.min(pendingLength, headed);
        plaintext.feed(pending, kept, pendingLength - kept);
        plaintext.feed(in, offset + headed - kept, length - (headed - kept));
        pending = NOTHING;
        pendingLength = 0;
    }

    /** The first bytes of the message, as many as there are up to a number. */
    private byte[] start(byte[] in, int offset, int length, int most) {
        int kept = Math.min(pendingLength, most);
        byte[] start = Arrays.copyOf(pending, kept + Math.min(length, most - kept));
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

    @Override
    public void finish() throws InvalidMessageException {
        if (!verified) {
            latch.run(() -> {
                if (plaintext.isSpooling()) {
                    verifySpooled();
                } else {
                    byte[] opened = new byte[(int) plaintextLength(pendingLength)];
                    plaintext.set(opened, open(pending, 0, pendingLength, opened));
                }
                verified = true;
            });
            pending = NOTHING;
        }
        latch.rethrow();
    }

    private void verifySpooled() throws InvalidMessageException {
        try {
            plaintext.verify();
        } catch (BadPaddingException e) {
            throw DataKeyOpening.notAuthentic();
        }
        if (dataKey != null) {
            dataKey.used(plaintext.decrypted());
        }
    }

    /** Where the message is all in one piece, it is decrypted from there to where it goes. */
    @Override
    public int finish(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        if (taken > 0 || hasFailed()) {
            return MessageReader.super.finish(in, offset, length, out);
        }
        int[] written = new int[1];
        latch.run(() -> {
            byte[] start = start(in, offset, length, TinkFormat.MAX_HEAD);
            head = TinkFormat.parse(start, 0, start.length);
            if (head != null) {
                requireKeyId(head);
                requireAllowed(length);
            }
            written[0] = open(in, offset, length, out);
            verified = true;
        });
        latch.rethrow();
        return written[0];
    }

    /** Decrypts the whole message to the start of an array; leaves nothing there that was not verified. */
    private int open(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        Head present = head;
        if (present == null || length < present.overhead()) {
            throw new InvalidMessageException(
                    Reason.TRUNCATED,
                    length == 0 ? "there is no message: 0 bytes" : "the message ends before its tag does");
        }
        return open(present, in, offset, length, out);
    }

    private int open(Head present, byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        int payload = offset + present.payloadOffset();
        byte[] nonce = nonce(in, payload);
        byte[] encrypted = Arrays.copyOfRange(in, offset + present.length(), payload);
        int ciphertext = payload + TinkFormat.IV_LENGTH;
        try (AesGcm cipher = dataKeys.open(encrypted, (long) length - present.overhead())) {
            return cipher.decrypt(
                    nonce, new byte[][] {aad.toByteArray()}, in, ciphertext, offset + length - ciphertext, out, 0);
        } catch (AEADBadTagException e) {
            throw DataKeyOpening.notAuthentic();
        }
    }

    private byte[] nonce(byte[] in, int at) throws InvalidMessageException {
        byte[] nonce = Arrays.copyOfRange(in, at, at + TinkFormat.IV_LENGTH);
        if (iv != null && !MessageDigest.isEqual(iv, nonce)) {
            throw new InvalidMessageException(
                    Reason.NOT_AUTHENTIC, "the IV is not the one that the message was encrypted with");
        }
        return nonce;
    }

    private long plaintextLength(long messageLength) {
        return head == null ? 0 : Math.max(0, messageLength - head.overhead());
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
        return TinkFormat.MAX_HEAD;
    }

    @Override
    public long availableAtTheEnd(byte[] in, int offset, int present, int length) {
        if (hasFailed() || verified) {
            return available();
        }
        try {
            byte[] start = start(in, offset, present, TinkFormat.MAX_HEAD);
            Head found = head == null ? TinkFormat.parse(start, 0, start.length) : head;
            long plain = found == null ? 0 : taken + length - found.overhead();
            return plain > plaintext.limit() ? 0 : Math.max(0, plain);
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
        return latch.isSet();
    }

    /** Wipes what was not taken and lets go of key and file; idempotent. */
    @Override
    public void close() {
        plaintext.close();
        pending = NOTHING;
        pendingLength = 0;
    }
}
