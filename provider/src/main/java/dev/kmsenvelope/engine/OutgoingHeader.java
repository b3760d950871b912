package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The header of a message that is being written: all of it but the frame length, which is known when it leaves. */
final class OutgoingHeader {

    private static final byte[] NOTHING = new byte[0];

    private final AlgorithmSuite suite;
    private final byte[] messageId;
    private final EncryptionContext stored;
    private final EncryptionContext notStored;
    private final List<EncryptedDataKey> encryptedDataKeys;
    private final byte[] commitment;
    private final int length;
    private @Nullable ByteArrayOutputStream aad;

    /** The message id is not copied. */
    OutgoingHeader(
            AlgorithmSuite suite,
            byte[] messageId,
            EncryptionContext context,
            Set<String> notStored,
            List<EncryptedDataKey> encryptedDataKeys,
            byte[] commitment) {
        this.suite = suite;
        this.messageId = messageId;
        this.stored = MessageOptions.part(context, notStored, true);
        this.notStored = MessageOptions.part(context, notStored, false);
        this.encryptedDataKeys = encryptedDataKeys;
        this.commitment = commitment;
        this.length = MessageHeader.length(suite, stored, encryptedDataKeys);
    }

    byte[] messageId() {
        return messageId;
    }

    List<EncryptedDataKey> encryptedDataKeys() {
        return encryptedDataKeys;
    }

    /** How long it is, its tag included. */
    int length() {
        return length;
    }

    void updateAad(byte[] in, int offset, int count) {
        if (aad == null) {
            aad = new ByteArrayOutputStream(count);
        }
        aad.write(in, offset, count);
    }

    /** Writes it, once; returns its length. */
    int write(AesGcm cipher, int frameLength, byte[] out, int at) {
        int written = MessageHeader.writeFramed(
                suite, messageId, stored, encryptedDataKeys, frameLength, commitment, out, at);
        int covered = suite.isCommitting() ? written : written - MessageHeader.IV_LENGTH;
        return written
                + HeaderAuthentication.appendTag(
                        cipher, out, at, written, covered, notStored, aad == null ? NOTHING : aad.toByteArray());
    }
}
