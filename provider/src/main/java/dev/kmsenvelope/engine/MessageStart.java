package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Goes from a data key to the cipher and the header of a new message. For a signed one, a key pair comes first: its public
 * key is part of the context that the data key is bound to.
 *
 * @param cipher has the message key
 * @param header what the message starts with
 * @param dataKey closed already; takes note of how much it was used for
 * @param signer signs the message; null if it is not signed
 */
record MessageStart(
        AesGcm cipher,
        OutgoingHeader header,
        DataKeyLease dataKey,
        @Nullable FooterSigner signer) {

    /** Gets a data key; whoever gets the result closes cipher and signer. */
    static MessageStart of(
            DataKeySource source, KeyId key, MessageOptions options, byte[] messageId, EngineSettings settings) {
        AlgorithmSuite suite = options.suite();
        if (messageId.length != suite.messageIdLength()) {
            throw new IllegalArgumentException("the message id of a message of suite " + suite.hexId() + " has "
                    + suite.messageIdLength() + " bytes, not " + messageId.length);
        }
        FooterSigner signer = suite.isSigned() ? FooterSigner.create(suite) : null;
        boolean started = false;
        try {
            EncryptionContext context = signer == null ? options.context() : withPublicKey(options, signer);
            try (DataKeyLease lease = source.forEncryption(key, DataKeyUses.forWriting(suite), context)) {
                MessageStart start = of(lease, key, options, context, messageId.clone(), signer, settings);
                started = true;
                return start;
            }
        } finally {
            if (!started && signer != null) {
                signer.close();
            }
        }
    }

    private static EncryptionContext withPublicKey(MessageOptions options, FooterSigner signer) {
        try {
            return signer.addTo(options.context());
        } catch (IllegalArgumentException e) {
            throw new ContextTooLongException(e);
        }
    }

    private static MessageStart of(
            DataKeyLease lease,
            KeyId key,
            MessageOptions options,
            EncryptionContext context,
            byte[] messageId,
            @Nullable FooterSigner signer,
            EngineSettings settings) {
        AlgorithmSuite suite = options.suite();
        requireAcceptable(lease, key, suite);
        byte[] dataKey = lease.copyKey();
        try (DerivedKeys keys = DerivedKeys.derive(suite, dataKey, messageId, settings.hmac())) {
            OutgoingHeader header = new OutgoingHeader(
                    suite, messageId, context, options.notStored(), lease.encrypted(), keys.commitment());
            return new MessageStart(AesGcm.ofMessageKey(settings.gcm(), keys.messageKey()), header, lease, signer);
        } finally {
            Arrays.fill(dataKey, (byte) 0);
        }
    }

    private static void requireAcceptable(DataKeyLease lease, KeyId key, AlgorithmSuite suite) {
        if (lease.encrypted().size() > MessageEncryptor.MAX_RECIPIENTS) {
            throw new KmsConfigurationException(
                    "a message for " + lease.encrypted().size() + " recipients; readers accept at most "
                            + MessageEncryptor.MAX_RECIPIENTS);
        }
        if (lease.length() != suite.dataKeyLength()) {
            throw new KmsUnavailableException("the key service gave a data key of " + lease.length() + " bytes for "
                    + key + " where " + suite.dataKeyLength() + " were asked for");
        }
    }
}
