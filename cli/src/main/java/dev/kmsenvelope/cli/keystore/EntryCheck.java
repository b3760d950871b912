package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.keystore.file.CertificateEntry;
import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.DataKeyEntry.Version;
import dev.kmsenvelope.keystore.file.KeyPointer;
import dev.kmsenvelope.keystore.file.PrivateKeyEntry;
import dev.kmsenvelope.keystore.file.StoreEntry;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.provider.StoredDataKey;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * What became of an entry when it was tried.
 *
 * @param state what scripts go by
 * @param text for people
 */
record EntryCheck(State state, String text) {

    enum State {
        GOOD,
        /** It will not get better by trying again. */
        BAD,
        /** The key service refuses or fails, so nothing is known. */
        UNKNOWN
    }

    /** Unwraps an entry, and wipes or forgets what was in it. */
    static EntryCheck of(OpenStore store, StoreEntry entry) {
        try {
            return entry instanceof KeyPointer pointer
                    ? pointer(store, pointer)
                    : new EntryCheck(State.GOOD, check(store, entry));
        } catch (BadEntryException | UnrecoverableKeyException e) {
            return new EntryCheck(State.BAD, String.valueOf(e.getMessage()));
        } catch (CertificateException e) {
            return new EntryCheck(State.BAD, "it has a certificate that cannot be read");
        } catch (InvalidCiphertextException | KeyNotFoundException e) {
            return new EntryCheck(State.BAD, String.valueOf(e.getMessage()));
        } catch (KmsException e) {
            return new EntryCheck(State.UNKNOWN, String.valueOf(e.getMessage()));
        }
    }

    /** A key that is switched off refuses as it does where an entry is wrapped under it. */
    private static EntryCheck pointer(OpenStore store, KeyPointer pointer) {
        return switch (store.service().describe(pointer.key()).state()) {
            case ENABLED -> new EntryCheck(State.GOOD, "is a key of the service");
            case DISABLED -> new EntryCheck(State.UNKNOWN, "is a key of the service, which is disabled");
            case PENDING_DELETION ->
                new EntryCheck(State.UNKNOWN, "is a key of the service, which is going to be deleted");
        };
    }

    private static String check(OpenStore store, StoreEntry entry)
            throws BadEntryException, UnrecoverableKeyException, CertificateException {
        if (entry instanceof DataKeyEntry dataKey) {
            for (Version version : dataKey.versions()) {
                unwrap(store, dataKey, version);
            }
            return dataKey.versions().size() == 1
                    ? "unwraps"
                    : "unwraps, all " + dataKey.versions().size() + " versions";
        }
        if (entry instanceof PrivateKeyEntry privateKey) {
            return privateKey(store, privateKey);
        }
        CertificateText.decode(((CertificateEntry) entry).certificate());
        return "is a certificate";
    }

    private static void unwrap(OpenStore store, DataKeyEntry entry, Version version) throws BadEntryException {
        KeyService service = store.service();
        StoredDataKey stored = store.wrapping().stored(store.content(), entry, version);
        try (SecretBytes key =
                service.decrypt(stored.key(), service.fromBlob(stored.key(), stored.blob()), stored.context())) {
            if (key.length() != stored.length()) {
                throw new BadEntryException("version " + version.number() + " has " + key.length() + " bytes, not the "
                        + stored.length() + " of its entry");
            }
        } catch (InvalidCiphertextException e) {
            throw new BadEntryException("version " + version.number()
                    + " does not unwrap: it was changed, or is of another entry, file or key");
        }
    }

    private static String privateKey(OpenStore store, PrivateKeyEntry entry)
            throws BadEntryException, UnrecoverableKeyException, CertificateException {
        PrivateKey key = store.wrapping().unwrap(store.content(), entry);
        X509Certificate own = CertificateText.decode(entry.chain().get(0));
        for (byte[] certificate : entry.chain()) {
            CertificateText.decode(certificate);
        }
        Optional<Boolean> match = KeyMatch.of(key, own.getPublicKey());
        if (match.isPresent() && !match.get()) {
            throw new BadEntryException("its first certificate is for another key");
        }
        return match.isPresent()
                ? "unwraps, and its certificate is for it"
                : "unwraps; whether its certificate is for it, this program cannot tell for " + entry.algorithm();
    }

    /** Says what is wrong with an entry. */
    private static final class BadEntryException extends Exception {

        private static final long serialVersionUID = 1L;

        BadEntryException(String message) {
            super(message);
        }
    }
}
