package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KmsException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Goes from a header to the cipher that opens its frames: checks the context, has one of the data keys decrypted, compares
 * the commitment, verifies the tag, compares the IV; in this order, and nothing of the message is used before all passed.
 */
final class HeaderOpener {

    private final Recipient recipient;
    private final EngineSettings settings;

    HeaderOpener(Recipient recipient, EngineSettings settings) {
        this.recipient = recipient;
        this.settings = settings;
    }

    /**
     * What an opened header gives.
     *
     * @param cipher has the message key; the one who opens the header closes it
     * @param dataKey closed already; takes note of how much it was used for
     * @param context all that is bound to the message, whether it stands in the header or not
     */
    record Opened(AesGcm cipher, DataKeyLease dataKey, EncryptionContext context) {}

    /**
     * Opens a header.
     *
     * @param header the header
     * @param tag the tag that ends it
     * @param aad the caller's associated data
     * @param iv the caller's IV, or null when any will do
     * @return what opens the frames
     * @throws InvalidMessageException if something is wrong with the message
     * @throws KmsException if the service fails, unless another of its data keys opens
     */
    Opened open(MessageHeader header, byte[] tag, byte[] aad, byte @Nullable [] iv) throws InvalidMessageException {
        LayerMark.check(header, recipient.required());
        EncryptionContext notStored = recipient.notStoredIn(header.context());
        Opened opened = messageCipher(header, header.context().plus(notStored));
        AesGcm cipher = opened.cipher();
        boolean verified = false;
        try {
            if (!HeaderAuthentication.verify(cipher, header, notStored, aad, tag)) {
                throw notAuthentic();
            }
            if (iv != null && !MessageId.endsWith(header.messageId(), iv)) {
                throw new InvalidMessageException(
                        Reason.NOT_AUTHENTIC, "the IV is not the one that the message was encrypted with");
            }
            verified = true;
            return opened;
        } finally {
            if (!verified) {
                cipher.close();
            }
        }
    }

    private Opened messageCipher(MessageHeader header, EncryptionContext context) throws InvalidMessageException {
        try (DataKeyLease lease = decryptDataKey(header, context)) {
            byte[] dataKey = lease.copyKey();
            try (DerivedKeys keys = DerivedKeys.derive(header.suite(), dataKey, header.messageId(), settings.hmac())) {
                if (!header.commitsTo(keys.commitment())) {
                    throw notAuthentic();
                }
                return new Opened(AesGcm.ofMessageKey(settings.gcm(), keys.messageKey()), lease, context);
            } finally {
                Arrays.fill(dataKey, (byte) 0);
            }
        }
    }

    private DataKeyLease decryptDataKey(MessageHeader header, EncryptionContext context)
            throws InvalidMessageException {
        DataKeyOpener opener = new DataKeyOpener(recipient, DataKeyUses.of(header.suite()), context);
        DataKeyLease dataKey = opener.open(header);
        if (dataKey != null) {
            return dataKey;
        }
        KmsException failure = opener.failure();
        if (failure != null) {
            throw failure;
        }
        if (!opener.hasTried()) {
            throw new InvalidMessageException(
                    Reason.WRONG_KEY,
                    "the message is not for the key " + recipient.key() + " of the "
                            + recipient.authorities().get(0).service().name() + " key service"
                            + (recipient.authorities().size() == 1 ? "" : ", nor for a further one that may open it"));
        }
        throw notAuthentic();
    }

    /** One text for all that only the key can tell (RULES 12). */
    private static InvalidMessageException notAuthentic() {
        return new InvalidMessageException(
                Reason.NOT_AUTHENTIC,
                "the header or its data key was changed, or the associated data (AAD) or the required context is not the"
                        + " one of the message");
    }
}
