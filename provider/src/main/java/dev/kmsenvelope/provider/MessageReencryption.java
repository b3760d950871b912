package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.engine.Currency;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.engine.Reencryptor;
import dev.kmsenvelope.engine.Reencryptor.Destination;
import dev.kmsenvelope.engine.Reencryptor.Loss;
import dev.kmsenvelope.engine.Reencryptor.Source;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.util.EnumSet;
import java.util.Set;
import javax.crypto.AEADBadTagException;

/**
 * Moves messages of the envelope cipher to another key, or to the newest version of theirs: after a rotation, or before a
 * key is retired. Each message is read, verified, and written again under a fresh data key, in constant memory: the last 16
 * bytes of its id, its encryption context, its associated data and its frame length stay. An IV that was given when the old
 * message was encrypted is the new one's too.
 *
 * <p>Nobody who holds the old message and its data key loses access to what it says.
 *
 * <p>Immutable and thread-safe.
 */
public final class MessageReencryption {

    /** What is known of a message. */
    public enum State {
        /** For the keys of the new messages and no others, under their newest versions. */
        CURRENT,
        /** For other keys, or under an older version: to be moved. */
        OUTDATED,
        /** For the right keys, and a service does not tell under which version. */
        UNKNOWN
    }

    private final Reencryptor reencryptor;
    private final Currency currency;
    private final Recipient recipient;
    private final HeaderLimits limits;

    private MessageReencryption(Reencryptor reencryptor, Currency currency, Recipient recipient, HeaderLimits limits) {
        this.reencryptor = reencryptor;
        this.currency = currency;
        this.recipient = recipient;
        this.limits = limits;
    }

    /**
     * Starts to say what is to be done.
     *
     * @param from opens the old messages: must be allowed to decrypt
     * @param to what the new ones are for: must be allowed to encrypt; may be the same handle
     * @return a builder
     */
    public static Builder builder(KmsSecretKey from, KmsSecretKey to) {
        return new Builder(from, to);
    }

    /**
     * What became of a message.
     *
     * @param signatureLost whether the old message was signed, which the new one is not
     * @param recipientsLost how many keys could open the old message and cannot open the new one, besides the one that was
     *     replaced
     */
    public record Result(boolean signatureLost, int recipientsLost) {}

    /**
     * Tells by its header whether a message has to be moved. The header is not verified. Each key is looked up once by this
     * object: make another one after a rotation. Where a service cannot tell the version of a key without a request ({@link
     * dev.kmsenvelope.kms.KeyService#versionTakesRequest}), one is made, if the handle may decrypt with that key.
     *
     * @param message is read up to the end of the header; not closed
     * @return what is known
     * @throws IOException if reading fails
     * @throws AEADBadTagException if it is not a message, has not the required encryption context, or a service says that
     *     its data key is wrong
     * @throws dev.kmsenvelope.kms.KmsException if a service fails
     */
    public State stateOf(InputStream message) throws IOException, AEADBadTagException {
        try {
            MessageHeader header = MessageHeader.read(message, limits);
            // Before a service is asked for a version, which may mean to decrypt (RULES 3).
            EncryptionContext notStored = recipient.notStoredIn(header.context());
            return switch (currency.of(header, header.context().plus(notStored))) {
                case CURRENT -> State.CURRENT;
                case OUTDATED -> State.OUTDATED;
                case UNKNOWN -> State.UNKNOWN;
            };
        } catch (InvalidMessageException e) {
            throw CipherOperation.Errors.badTag(e);
        } catch (InvalidCiphertextException e) {
            throw CipherOperation.Errors.badTag(new InvalidMessageException(
                    InvalidMessageException.Reason.NOT_AUTHENTIC, "the header or its data key was changed", e));
        }
    }

    /**
     * Moves one message. Use the new message only if this returns: it is being written while the old one is still being
     * read. Where it replaces the old one, replace that in one step and afterwards.
     *
     * @param in the old message, read to its end; not closed
     * @param out receives the new message; not closed
     * @return what became of it
     * @throws IOException if reading or writing fails
     * @throws AEADBadTagException if something is wrong with the old message, it is for another key, context or associated
     *     data, or something would be lost that may not be lost
     * @throws dev.kmsenvelope.kms.KmsException if a service fails
     */
    public Result run(InputStream in, OutputStream out) throws IOException, AEADBadTagException {
        try {
            Reencryptor.Result result = reencryptor.run(in, out);
            return new Result(result.signatureLost(), result.recipientsLost());
        } catch (InvalidMessageException e) {
            throw CipherOperation.Errors.badTag(e);
        }
    }

    /** Collects what is to be done. Not thread-safe. */
    public static final class Builder {

        private final KmsSecretKey from;
        private final KmsSecretKey to;
        private EncryptionContext context = EncryptionContext.empty();
        private Set<String> requiredNames = Set.of();
        private byte[] aad = {};
        private final Set<Loss> allowed = EnumSet.noneOf(Loss.class);

        private Builder(KmsSecretKey from, KmsSecretKey to) {
            this.from = from;
            this.to = to;
        }

        /**
         * Requires pairs of the old messages, besides those that are configured for the key.
         *
         * @param required what must stand in their encryption context
         * @return this builder
         */
        public Builder context(EncryptionContext required) {
            context = required;
            return this;
        }

        /**
         * Names of required pairs that need not stand in the old messages, besides those that are configured for the key.
         * Those that do not stand in an old message do not stand in the new one.
         *
         * @param names each has a value in the required context; copied
         * @return this builder
         */
        public Builder requiredContextNames(Set<String> names) {
            requiredNames = Set.copyOf(names);
            return this;
        }

        /**
         * The associated data that the messages were encrypted with. The new ones get it too.
         *
         * @param data the same for all messages; copied
         * @return this builder
         */
        public Builder aad(byte[] data) {
            aad = data.clone();
            return this;
        }

        /**
         * Allows messages that are signed. The new ones are not.
         *
         * @return this builder
         */
        public Builder dropSignatures() {
            allowed.add(Loss.SIGNATURE);
            return this;
        }

        /**
         * Allows messages that more keys can open than the new ones are for.
         *
         * @return this builder
         */
        public Builder dropRecipients() {
            allowed.add(Loss.RECIPIENTS);
            return this;
        }

        /**
         * Makes it ready for use.
         *
         * @return what moves messages
         * @throws InvalidKeyException if a handle may not do what is asked of it
         * @throws InvalidAlgorithmParameterException if the required encryption context contradicts the configured one
         */
        public MessageReencryption build() throws InvalidKeyException, InvalidAlgorithmParameterException {
            KeyPolicies.requireUsage(from, false);
            KeyPolicies.requireUsage(to, true);
            EnvelopeParameterSpec spec = EnvelopeParameterSpec.builder()
                    .context(context.asMap())
                    .requiredContextNames(requiredNames)
                    .build();
            EngineSettings reading = from.policy().settings();
            EncryptionContext required = EnvelopeKind.contextFor(from, spec);
            Recipient recipient =
                    from.freshRecipient(required).withNotStored(EsdkParameters.notStored(from, spec, required));
            return new MessageReencryption(
                    new Reencryptor(
                            new Source(recipient, from.service(), reading),
                            new Destination(
                                    to.service(),
                                    to.freshDataKeys(),
                                    to.id(),
                                    to.policy().context(),
                                    to.policy().settings()),
                            aad,
                            allowed,
                            RandomSource.operatingSystem()),
                    new Currency(to.encryptionKeys(), to.readableEncryptionKeys()),
                    recipient,
                    reading.limits());
        }
    }
}
