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
     * @param key what opened it; the very one that opened it last time if that did
     * @param byNextSecret whether that was derived now, from a secret that is not in its final place yet
     */
    record Opened(StoreState state, PassphraseKey key, boolean byNextSecret) {}

    /**
     * Opens a key file.
     *
     * @param keyFile the file
     * @param last the key that opened it last time, or null; used again while the passphrase is the same
     * @throws java.nio.file.NoSuchFileException if there is none
     * @throws KeyFileException if it cannot be opened
     */
    Opened open(Path keyFile, @Nullable PassphraseKey last) throws IOException {
        KeyFileEnvelope envelope = parse(keyFile);
        if (last != null && last.parameters().equals(envelope.derivation())) {
            byte[] content = content(envelope, last);
            if (content != null) {
                return new Opened(decode(keyFile, content), last, false);
            }
        } else if (passphrase != null) {
            Opened opened = open(keyFile, envelope, passphrase.read(), false);
            if (opened != null) {
                return opened;
            }
        } else {
            for (Path candidate : candidates(keyFile)) {
                Opened opened = open(keyFile, envelope, GeneratedSecret.read(candidate), secret.isNext(candidate));
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
        Opened opened = open(keyFile, parse(keyFile), given.clone(), false);
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
                : derive(secret.readOrCreate(), PassphraseKey.SECRET_ITERATIONS);
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

    private @Nullable Opened open(Path keyFile, KeyFileEnvelope envelope, char[] given, boolean byNextSecret) {
        PassphraseKey key = derive(given, envelope.derivation());
        byte[] content = content(envelope, key);
        if (content == null) {
            key.close();
            return null;
        }
        return new Opened(decode(keyFile, content), key, byNextSecret);
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
