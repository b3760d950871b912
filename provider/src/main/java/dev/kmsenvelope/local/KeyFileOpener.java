package dev.kmsenvelope.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens key files with the passphrase that is set up, else with the generated secret. Keeps no secrets. */
final class KeyFileOpener {

    private final StoreSettings settings;
    private final @Nullable PassphraseSource passphrase;
    private final GeneratedSecret secret;
    private final Provider gcm;

    KeyFileOpener(StoreSettings settings, GeneratedSecret secret, Provider gcm) {
        this.settings = settings;
        this.passphrase = settings.passphrase();
        this.secret = secret;
        this.gcm = gcm;
    }

    /**
     * An opened file.
     *
     * @param state its content
     * @param key what opened it; one of those that were known if that did
     */
    record Opened(StoreState state, PassphraseKey key) {}

    /**
     * Opens a key file.
     *
     * @param keyFile the file
     * @param known keys that may open it; the passphrase is not asked for again while one of them was derived as the file
     *     says
     * @throws java.nio.file.NoSuchFileException if there is none
     * @throws KeyFileException if it cannot be opened
     */
    Opened open(Path keyFile, List<PassphraseKey> known) throws IOException {
        KeyFileEnvelope envelope = parse(keyFile);
        PassphraseKey derived = known.stream()
                .filter(key -> key.parameters().equals(envelope.derivation()))
                .findFirst()
                .orElse(null);
        if (derived != null) {
            byte[] content = content(envelope, derived);
            if (content != null) {
                return new Opened(decode(keyFile, content), derived);
            }
        } else if (passphrase != null) {
            Opened opened = open(keyFile, envelope, passphrase.read());
            if (opened != null) {
                return opened;
            }
        } else {
            for (Path candidate : candidates(keyFile)) {
                Opened opened = open(keyFile, envelope, GeneratedSecret.read(candidate));
                if (opened != null) {
                    return opened;
                }
            }
        }
        throw new KeyFileException("the key file " + keyFile + " does not open with the passphrase from " + origin()
                + ": it was sealed with another passphrase, or it is damaged");
    }

    /** Opens a file that was sealed elsewhere; the caller wipes the passphrase. */
    StoreState open(Path keyFile, char[] given) throws IOException {
        Opened opened = open(keyFile, parse(keyFile), given.clone());
        if (opened == null) {
            throw new KeyFileException("the file " + keyFile
                    + " does not open with this passphrase: it was sealed with another one, or it is damaged");
        }
        opened.key().close();
        return opened.state();
    }

    /** The key that seals a new store. Called with the directory's lock. */
    PassphraseKey create() throws IOException {
        return passphrase != null
                ? derive(passphrase.read(), settings.iterations())
                : derive(secret.readOrCreate(), settings.secretIterations());
    }

    /** A key with a fresh salt; wipes the passphrase. */
    PassphraseKey derive(char[] given, int iterations) {
        return derive(given, PassphraseKey.Parameters.fresh(iterations, settings.random()));
    }

    /** A key; wipes the passphrase. */
    static PassphraseKey derive(char[] given, PassphraseKey.Parameters parameters) {
        try {
            return PassphraseKey.derive(given, parameters);
        } finally {
            Arrays.fill(given, '\0');
        }
    }

    private @Nullable Opened open(Path keyFile, KeyFileEnvelope envelope, char[] given) {
        PassphraseKey key = derive(given, envelope.derivation());
        byte[] content = content(envelope, key);
        if (content == null) {
            key.close();
            return null;
        }
        return new Opened(decode(keyFile, content), key);
    }

    private byte @Nullable [] content(KeyFileEnvelope envelope, PassphraseKey key) {
        try {
            return envelope.open(key, gcm);
        } catch (GeneralSecurityException e) {
            return null; // The only reason there can be is that key and file do not belong together.
        }
    }

    private static StoreState decode(Path keyFile, byte[] content) {
        try {
            return StoreStateCodec.decode(content);
        } catch (IllegalArgumentException e) {
            throw new KeyFileException("the key file " + keyFile
                    + " opens, but was written by other software or a newer version: it has " + e.getMessage());
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private static KeyFileEnvelope parse(Path keyFile) throws IOException {
        try (InputStream in = Files.newInputStream(keyFile)) {
            byte[] bytes = in.readNBytes(KeyFileEnvelope.MAX_LENGTH + 1);
            if (bytes.length > KeyFileEnvelope.MAX_LENGTH) {
                throw new KeyFileException("the key file " + keyFile + " is longer than the "
                        + KeyFileEnvelope.MAX_LENGTH + " bytes that one may have");
            }
            return KeyFileEnvelope.parse(bytes);
        } catch (AccessDeniedException e) {
            throw new KeyFileException("the key file " + keyFile + " cannot be read: permission denied", e);
        } catch (IllegalArgumentException e) {
            throw new KeyFileException(
                    "the key file " + keyFile + " is damaged or is no key file: " + e.getMessage(), e);
        }
    }

    private List<Path> candidates(Path keyFile) {
        List<Path> candidates = secret.candidates();
        if (candidates.isEmpty()) {
            throw new KeyFileException("the key file " + keyFile + " exists, but " + secret.name()
                    + " that opens it does not: put it back, or, if the store has a passphrase, give it with"
                    + " local.passphrase-file or " + PassphraseSource.ENVIRONMENT);
        }
        return candidates;
    }

    private String origin() {
        return passphrase != null ? passphrase.name() : secret.name();
    }
}
