package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.ShortBufferException;

/**
 * Moves messages to another key, or to the newest version of theirs: reads a message and writes another one with the same
 * plaintext, in constant memory. The header of a message of version 2 is never given a second tag (RULES 5: the nonce would
 * repeat), so the new message has a data key of its own.
 *
 * <ul>
 *   <li>Message id: 16 fresh bytes, then the last 16 of the old one. So an IV that was stored beside the message still fits.
 *       Those are all of it in version 1.
 *   <li>Encryption context: that of the old message, but for the public key that signed messages carry in it. What of
 *       it did not stand in the old message does not stand in the new one.
 *   <li>Associated data: has to be given, and goes into the new message.
 *   <li>Frame length: that of the old message, up to {@link EngineSettings#MAX_FRAME_LENGTH}.
 *   <li>Suite: 0478. A signature is lost, and so may be recipients; both are refused unless allowed.
 * </ul>
 *
 * The new message leaves while the old one is being read: it must not be used before {@link #run} has returned. Immutable and
 * thread-safe, as far as source and services are.
 */
public final class Reencryptor {

    private static final int CHUNK = 1024 * 1024;
    private static final int KEPT_ID_LENGTH = MessageId.MAX_IV_LENGTH;

    /** What the old message has and the new one has not. */
    public enum Loss {
        /** A signature, which proves who wrote the message to those who have no key. */
        SIGNATURE,
        /** Keys that could open the old message, besides the one that is replaced. */
        RECIPIENTS
    }

    /**
     * Where messages come from.
     *
     * @param recipient who reads them
     * @param service has the key that the recipient goes by, which is the one that is replaced
     * @param settings what is accepted
     */
    public record Source(Recipient recipient, KeyService service, EngineSettings settings) {}

    /**
     * Where messages go.
     *
     * @param service knows which encrypted data keys are its own
     * @param source makes the data keys
     * @param key the key that they are encrypted under
     * @param required pairs that a message must have to be opened there again
     * @param settings how to write
     */
    public record Destination(
            KeyService service, DataKeySource source, KeyId key, EncryptionContext required, EngineSettings settings) {}

    /**
     * What became of a message.
     *
     * @param signatureLost whether the old message was signed
     * @param recipientsLost how many keys could open the old message and cannot open the new one, besides the one that was
     *     replaced
     */
    public record Result(boolean signatureLost, int recipientsLost) {}

    private final Source from;
    private final Destination to;
    private final byte[] aad;
    private final Set<Loss> allowed;
    private final RandomSource random;

    /**
     * Prepares to move messages.
     *
     * @param from where they come from
     * @param to where the new ones go
     * @param aad the associated data of both; no bytes for none; copied
     * @param allowed what may be lost; copied
     * @param random where message ids come from
     */
    public Reencryptor(Source from, Destination to, byte[] aad, Set<Loss> allowed, RandomSource random) {
        this.from = from;
        this.to = to;
        this.aad = aad.clone();
        this.allowed = Set.copyOf(allowed);
        this.random = random;
    }

    /**
     * Moves one message.
     *
     * @param in the old message, read to its end; not closed
     * @param out receives the new one, which is complete and right only if this returns; not closed
     * @return what became of it
     * @throws IOException if reading or writing fails
     * @throws InvalidMessageException if something is wrong with the old message, or something would be lost that may not be
     * @throws dev.kmsenvelope.kms.KmsException if a service fails
     */
    public Result run(InputStream in, OutputStream out) throws IOException, InvalidMessageException {
        byte[] chunk = new byte[CHUNK];
        try (MessageDecryptor old = new MessageDecryptor(from.recipient(), from.settings(), Release.EACH_FRAME, null)) {
            old.updateAad(aad, 0, aad.length);
            Copy copy = null;
            try {
                int length = in.read(chunk);
                while (length >= 0 && !old.hasFailed()) {
                    old.feed(chunk, 0, length);
                    MessageHeader header = old.verifiedHeader();
                    EncryptionContext context = old.verifiedContext();
                    if (copy == null && header != null && context != null && !old.hasFailed()) {
                        copy = start(header, context);
                    }
                    if (copy != null) {
                        copy.move(old, out);
                    }
                    length = in.read(chunk);
                }
                old.finish();
                if (copy == null) {
                    throw new IllegalStateException("a message was verified and its header was not");
                }
                copy.end(old, out);
                return copy.result;
            } finally {
                if (copy != null) {
                    copy.message.close();
                }
            }
        }
    }

    private Copy start(MessageHeader header, EncryptionContext bound) throws InvalidMessageException {
        boolean signed = header.suite().isSigned();
        if (signed && !allowed.contains(Loss.SIGNATURE)) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "the message is signed, and moved to another data key it would not be; that has to be allowed");
        }
        EncryptionContext context = signed ? withoutPublicKey(bound) : bound;
        if (!context.containsAll(to.required())) {
            throw new InvalidMessageException(
                    Reason.WRONG_CONTEXT,
                    "the message does not have the encryption context that is required of those for the key " + to.key()
                            + ", and would not open with it");
        }
        Set<String> notStored = new LinkedHashSet<>(bound.asMap().keySet());
        notStored.removeAll(header.context().asMap().keySet());
        MessageOptions options =
                new MessageOptions(AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY, context, notStored);
        byte[] id = MessageId.create(random, MessageId.iv(header.messageId(), KEPT_ID_LENGTH));
        MessageEncryptor message = MessageEncryptor.start(to.source(), to.key(), options, id, settings(header));
        boolean accepted = false;
        try {
            int lost = lostRecipients(header, message);
            if (lost > 0 && !allowed.contains(Loss.RECIPIENTS)) {
                throw new InvalidMessageException(
                        Reason.NOT_ALLOWED,
                        "the message can be opened with " + lost + " more " + (lost == 1 ? "key" : "keys")
                                + " that the new one would not be for; that has to be allowed");
            }
            message.updateAad(aad, 0, aad.length);
            accepted = true;
            return new Copy(message, new Result(signed, lost));
        } finally {
            if (!accepted) {
                message.close();
            }
        }
    }

    private EngineSettings settings(MessageHeader header) {
        return header.isFramed() && header.frameLength() <= EngineSettings.MAX_FRAME_LENGTH
                ? to.settings().withFrameLength(header.frameLength())
                : to.settings();
    }

    private static EncryptionContext withoutPublicKey(EncryptionContext context) {
        Map<String, String> pairs = new LinkedHashMap<>(context.asMap());
        pairs.remove(FooterAlgorithm.PUBLIC_KEY);
        return EncryptionContext.ofMessage(pairs);
    }

    private int lostRecipients(MessageHeader header, MessageEncryptor message) {
        if (header.encryptedDataKeys().size() == 1) {
            return 0;
        }
        List<KeyService> services = List.of(from.service(), to.service());
        Set<DataKeyOwner> lost = new LinkedHashSet<>();
        for (EncryptedDataKey old : header.encryptedDataKeys()) {
            lost.add(DataKeyOwner.of(old, services));
        }
        for (EncryptedDataKey kept : message.encryptedDataKeys()) {
            lost.remove(DataKeyOwner.of(kept, services));
        }
        for (KeyId replaced : from.service().decryptionKeys(from.recipient().key())) {
            lost.remove(new DataKeyOwner(from.service().name(), replaced.value(), true));
        }
        return lost.size();
    }

    private record Copy(MessageEncryptor message, Result result) {

        void move(MessageDecryptor old, OutputStream out) throws IOException {
            copy(old.drain(), out, false);
        }

        void end(MessageDecryptor old, OutputStream out) throws IOException {
            for (byte[] piece = old.next(); piece.length > 0; piece = old.next()) {
                copy(piece, out, false);
            }
            copy(new byte[0], out, true);
        }

        private void copy(byte[] plaintext, OutputStream out, boolean ends) throws IOException {
            try {
                out.write(encrypt(plaintext, ends));
            } finally {
                Arrays.fill(plaintext, (byte) 0);
            }
        }

        private byte[] encrypt(byte[] plaintext, boolean ends) {
            long size = ends ? message.finishSize(plaintext.length) : message.updateSize(plaintext.length);
            byte[] written = new byte[Math.toIntExact(size)];
            try {
                int length = ends
                        ? message.finish(plaintext, 0, plaintext.length, written, 0)
                        : message.update(plaintext, 0, plaintext.length, written, 0);
                return length == written.length ? written : Arrays.copyOf(written, length);
            } catch (ShortBufferException e) {
                throw new IllegalStateException("the size is enough", e);
            }
        }
    }
}
