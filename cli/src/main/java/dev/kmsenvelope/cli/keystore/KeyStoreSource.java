package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.Text;
import dev.kmsenvelope.cli.UsageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;

/** Reads password keystores. */
final class KeyStoreSource {

    private KeyStoreSource() {}

    /**
     * Reads them all, or one.
     *
     * @param only the alias of the one to read; null for all
     * @param keyPassword what opens the keys
     */
    static List<SourceEntry> read(
            SourceType type, byte[] content, @Nullable String only, char[] password, char[] keyPassword)
            throws IOException {
        KeyStore store;
        List<String> aliases;
        try {
            store = empty(type);
            store.load(new ByteArrayInputStream(content), password);
            aliases = Collections.list(store.aliases());
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw new SourceException(
                    "the source does not open as " + type + ": its password is another one, or it is damaged or of"
                            + " another type",
                    e);
        }
        List<SourceEntry> entries = new ArrayList<>();
        for (String alias : only == null ? aliases : List.of(listed(aliases, only))) {
            entries.add(entry(store, alias, keyPassword));
        }
        return entries;
    }

    private static KeyStore empty(SourceType type) throws GeneralSecurityException {
        return switch (type) {
            case BCFKS -> KeyStore.getInstance(type.name(), new BouncyCastleProvider());
            case JCEKS -> KeyStore.getInstance(type.name(), "SunJCE");
            default -> KeyStore.getInstance(type.name(), "SUN");
        };
    }

    /** PKCS12 and JKS find entries whatever the case of the alias, and it counts in the file that they go into. */
    private static String listed(List<String> aliases, String only) {
        if (aliases.contains(only)) {
            return only;
        }
        String others = aliases.stream()
                .filter(only::equalsIgnoreCase)
                .map(alias -> "; there is '" + Text.escape(alias) + "'")
                .collect(Collectors.joining());
        throw new UsageException("the source has no entry '" + Text.escape(only) + "'" + others);
    }

    private static SourceEntry entry(KeyStore store, String alias, char[] password) throws IOException {
        try {
            if (store.isCertificateEntry(alias)) {
                return new SourceEntry(alias, null, List.of(store.getCertificate(alias)));
            }
            Key key = store.getKey(alias, password);
            if (key == null) {
                throw new SourceException("the entry '" + Text.escape(alias) + "' of the source has neither a key nor a"
                        + " certificate");
            }
            Certificate[] chain = store.getCertificateChain(alias);
            return new SourceEntry(alias, key, chain == null ? List.of() : List.of(chain));
        } catch (UnrecoverableKeyException e) {
            throw new SourceException(
                    "the entry '" + Text.escape(alias) + "' of the source has another password than the source; give it"
                            + " with --source-key-password-file",
                    e);
        } catch (GeneralSecurityException e) {
            throw new SourceException("the entry '" + Text.escape(alias) + "' of the source cannot be read", e);
        }
    }
}
