package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.Admission;
import dev.kmsenvelope.engine.Authority;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Wraps keys again, that {@code AESWrap} under a handle has wrapped: under another key of the service, with another
 * encryption context, or under the newest version of the same key. The service does both steps; the plaintext does not leave
 * it.
 *
 * <p>Whoever has unwrapped the key before goes on knowing it: rewrapping replaces the wrapping, not the key.
 */
public final class KeyRewrapping {

    private KeyRewrapping() {}

    /**
     * Wraps a key again.
     *
     * @param from what it is wrapped under: must be allowed to decrypt
     * @param wrapped what {@code Cipher.wrap} gave; not modified
     * @param context the encryption context that it was wrapped with, besides the configured one
     * @param to what it is to be wrapped under: must be a key of the same service and allowed to encrypt; may be the same
     *     handle
     * @param newContext what it is to be wrapped with, besides the configured one
     * @return the newly wrapped key
     * @throws InvalidKeyException if a handle may not do what is asked of it, the keys are of two services, or the wrapped
     *     key was changed, is not for the key, or has another encryption context
     * @throws InvalidAlgorithmParameterException if an encryption context contradicts the configured one
     * @throws dev.kmsenvelope.kms.KmsException if the service fails
     */
    public static byte[] rewrap(
            KmsSecretKey from, byte[] wrapped, EncryptionContext context, KmsSecretKey to, EncryptionContext newContext)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        KeyPolicies.requireUsage(from, false);
        KeyPolicies.requireUsage(to, true);
        if (!from.service().equals(to.service())) {
            throw new InvalidKeyException("the keys " + from.id() + " and " + to.id()
                    + " are of two services, neither of which can do both steps; unwrap and wrap instead");
        }
        EncryptionContext newWhole = EnvelopeKind.contextFor(to, spec(newContext));
        EncryptionContext oldWhole = EnvelopeKind.contextFor(from, spec(context));
        return new Rewrapping(from, wrapped, oldWhole, to.id(), newWhole).run();
    }

    /** Tries the keys of the one service that may open it, as unwrapping does. */
    private record Rewrapping(
            KmsSecretKey from,
            byte[] wrapped,
            EncryptionContext context,
            KeyId destination,
            EncryptionContext newContext) {

        byte[] run() throws InvalidKeyException {
            List<KmsException> failures = new ArrayList<>();
            for (Authority authority : from.freshRecipient(context).authorities()) {
                if (authority.service().equals(from.service())) {
                    Optional<byte[]> rewrapped = run(authority, failures);
                    if (rewrapped.isPresent()) {
                        return rewrapped.get();
                    }
                }
            }
            if (!failures.isEmpty()) {
                throw failures.get(0);
            }
            // One text, whatever the service found wrong, and that of unwrap (RULES 12).
            throw CipherOperation.Errors.cannotUnwrap(new InvalidCiphertextException(
                    "it was changed, or is not for the key " + from.id() + ", or has another encryption context"));
        }

        private Optional<byte[]> run(Authority authority, List<KmsException> failures) {
            KeyService service = authority.service();
            Admission admission = new Admission(authority, from.id(), failures::add);
            Set<EncryptedDataKey> tried = new HashSet<>();
            for (KeyId name : authority.keys()) {
                try {
                    EncryptedDataKey encrypted = service.fromBlob(name, wrapped);
                    Optional<KeyId> key = tried.add(encrypted) ? admission.admit(encrypted) : Optional.empty();
                    if (key.isPresent()) {
                        return Optional.of(service.toBlob(
                                service.reEncrypt(key.get(), encrypted, context, destination, newContext)));
                    }
                } catch (InvalidCiphertextException e) {
                    // not under this key; another one may have wrapped it
                } catch (KeyNotFoundException e) {
                    if (name.equals(from.id())) {
                        failures.add(e);
                    }
                } catch (KmsException e) {
                    failures.add(e);
                }
            }
            return Optional.empty();
        }
    }

    private static EnvelopeParameterSpec spec(EncryptionContext context) {
        return EnvelopeParameterSpec.builder().context(context.asMap()).build();
    }
}
