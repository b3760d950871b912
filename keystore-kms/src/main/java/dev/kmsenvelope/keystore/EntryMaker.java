package dev.kmsenvelope.keystore;

import dev.kmsenvelope.keystore.file.CertificateEntry;
import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.KeyPointer;
import dev.kmsenvelope.keystore.file.PrivateKeyEntry;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.keystore.file.StoreEntry;
import dev.kmsenvelope.keystore.file.StoreWrapping;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.provider.KmsDataKey;
import dev.kmsenvelope.provider.KmsMacKey;
import dev.kmsenvelope.provider.KmsPrivateKey;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.provider.KmsStoredKey;
import dev.kmsenvelope.provider.StoredDataKey;
import dev.kmsenvelope.text.Quoted;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore.Entry;
import java.security.KeyStoreException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * Makes entries of a file out of what a KeyStore is given. Keys in the clear are wrapped under the pinned key; keys of the
 * service become pointers; handles to data keys are wrapped again for their new alias, and nobody sees the key meanwhile.
 * Thread-safe.
 */
final class EntryMaker {

    private final StoreWrapping wrapping;
    private final PinnedKey pinned;
    private final LiveEntries live;
    private final FileKeys keys;
    private final DataKeyUsage aesUsage;

    EntryMaker(StoreWrapping wrapping, PinnedKey pinned, LiveEntries live, FileKeys keys, DataKeyUsage aesUsage) {
        this.wrapping = wrapping;
        this.pinned = pinned;
        this.live = live;
        this.keys = keys;
        this.aesUsage = aesUsage;
    }

    /**
     * Makes an entry of a key.
     *
     * @param in the content that it will be part of
     * @param alias its alias
     * @param key a key in the clear, or a handle
     * @param chain the chain of a private key
     * @param attributes what was said about it; those that are not heeded are ignored
     * @return the entry
     * @throws KeyStoreException if such a key cannot be an entry
     * @throws dev.kmsenvelope.kms.KmsException if the service fails
     */
    StoreEntry key(
            StoreContent in, String alias, Key key, Certificate @Nullable [] chain, Set<Entry.Attribute> attributes)
            throws KeyStoreException {
        try {
            if (key instanceof KmsSecretKey handle) {
                return pointer(alias, key, handle.id(), chain);
            }
            if (key instanceof KmsMacKey handle) {
                return pointer(alias, key, handle.id(), chain);
            }
            if (key instanceof KmsPrivateKey handle) {
                return pointer(alias, key, handle.id(), chain);
            }
            if (key instanceof KmsStoredKey handle) {
                return storedKey(in, alias, handle, attributes);
            }
            if (key instanceof SecretKey secret) {
                return secretKey(in, alias, secret, attributes);
            }
            if (key instanceof PrivateKey privateKey) {
                return privateKey(in, alias, privateKey, chain);
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new KeyStoreException("the entry " + Quoted.of(alias) + " cannot be made: " + e.getMessage(), e);
        } catch (GeneralSecurityException e) {
            throw e instanceof KeyStoreException ours
                    ? ours
                    : new KeyStoreException("the entry " + Quoted.of(alias) + " cannot be made: " + e.getMessage(), e);
        }
        throw new KeyStoreException("an entry is a secret key, a private key or a trusted certificate; a "
                + key.getClass().getName() + " is none");
    }

    /**
     * A key of the service stays there. A handle of another service, or with other settings than it has here, would become
     * another key, or one that may do more.
     */
    private KeyPointer pointer(String alias, Key handle, KeyId id, Certificate @Nullable [] chain)
            throws KeyStoreException, UnrecoverableKeyException {
        Optional<EntryView> key = live.find(id.value());
        if (key.isEmpty() || !handle.equals(key.get().key())) {
            throw new KeyStoreException("the handle " + handle
                    + " is not as this keystore gives it: it is of another service, or has other settings");
        }
        if (chain != null && !Arrays.equals(chain, key.get().chain())) {
            throw new KeyStoreException("a file keeps no certificates for a key of the service: the setting "
                    + KeyEntries.CERTIFICATE_SETTING.replace("*", id.value()) + " names a file with them");
        }
        return new KeyPointer(alias, Instant.now(), id);
    }

    /** One's own entry is renamed with all its versions, another file's key wrapped for this one; both inside the service. */
    private StoreEntry storedKey(StoreContent in, String alias, KmsStoredKey handle, Set<Entry.Attribute> attributes)
            throws GeneralSecurityException {
        boolean isOwn = in.find(handle.name()).orElse(null) instanceof DataKeyEntry named
                && new DataKeyView(in, named, named.newest(), keys).handle().equals(handle);
        if (handle.isLimited() && !(isOwn && alias.equals(handle.name()))) {
            throw new KeyStoreException("a setting key.*.usage limits what may be done with the data key "
                    + Quoted.of(handle.name()) + ", and would not do so under the alias " + Quoted.of(alias) + " here");
        }
        DataKeyWishes wishes = DataKeyWishes.of(attributes);
        if (isOwn) {
            return own(in, (DataKeyEntry) in.find(handle.name()).orElseThrow(), alias, wishes);
        }
        StoredDataKey foreign = handle.stored();
        wishes.requireNoMore(foreign.name(), foreign.usage(), false, foreign.maxMessages());
        return wrapping.adopt(foreign, in, alias, wishes.maxMessages().orElse(StoredDataKey.DEFAULT_MAX_MESSAGES));
    }

    /** An entry of the same file: itself, or wrapped for another alias, or for less than it may now, with all its versions. */
    private StoreEntry own(StoreContent in, DataKeyEntry own, String alias, DataKeyWishes wishes)
            throws GeneralSecurityException {
        wishes.requireNoMore(own.alias(), own.usage(), own.extractable(), own.maxMessages());
        boolean extractable = wishes.extractable().orElse(own.extractable());
        long maxMessages = wishes.maxMessages().orElse(own.maxMessages());
        if (extractable != own.extractable() || maxMessages != own.maxMessages()) {
            return wrapping.restrict(in, own, alias, extractable, maxMessages);
        }
        return alias.equals(own.alias()) ? own : wrapping.rename(in, own, alias);
    }

    private StoreEntry secretKey(StoreContent in, String alias, SecretKey key, Set<Entry.Attribute> attributes)
            throws GeneralSecurityException {
        DataKeyWishes wishes = DataKeyWishes.of(attributes);
        Optional<DataKeyEntry> own = extracted(in, key, attributes);
        if (own.isPresent()) {
            return own(in, own.get(), alias, wishes);
        }
        if (key instanceof KmsDataKey given && given.stored().isPresent()) {
            return extractedElsewhere(in, alias, key, given.stored().get(), wishes);
        }
        DataKeyUsage usage = wishes.usage().orElseGet(() -> usage(key.getAlgorithm()));
        if (!usage.algorithm().equalsIgnoreCase(key.getAlgorithm())) {
            throw new KeyStoreException(
                    "a key for " + usage.transformation() + " is no " + key.getAlgorithm() + " key");
        }
        return wrap(in, alias, key, usage, wishes, StoredDataKey.DEFAULT_MAX_MESSAGES);
    }

    /** A copy that an entry gave out in the clear stays for what it was for (RULES 9), whichever file has the entry. */
    private DataKeyEntry extractedElsewhere(
            StoreContent in, String alias, SecretKey key, StoredDataKey stored, DataKeyWishes wishes)
            throws KeyStoreException {
        wishes.requireNoMore(stored.name(), stored.usage(), stored.extractable(), stored.maxMessages());
        return wrap(
                in,
                alias,
                key,
                stored.usage(),
                wishes,
                Math.min(stored.maxMessages(), StoredDataKey.DEFAULT_MAX_MESSAGES));
    }

    private DataKeyUsage usage(String algorithm) {
        if (algorithm.equalsIgnoreCase(aesUsage.algorithm())) {
            return aesUsage;
        }
        DataKeyUsage usage = DataKeyUsage.of(algorithm);
        if (usage.algorithm().equalsIgnoreCase(algorithm)) {
            return usage;
        }
        throw new IllegalArgumentException("a secret key is for AES or an HMAC, not for " + algorithm);
    }

    /** The entry that gave a key out in the clear: attributes say which one it was, and its bytes that it still is. */
    private Optional<DataKeyEntry> extracted(StoreContent in, SecretKey key, Set<Entry.Attribute> attributes)
            throws UnrecoverableKeyException {
        StoreEntry named = EntryAttributes.find(attributes, KmsEntryAttribute.ALIAS)
                .flatMap(in::find)
                .orElse(null);
        if (!(named instanceof DataKeyEntry own) || !own.extractable()) {
            return Optional.empty();
        }
        KmsDataKey newest = new DataKeyView(in, own, own.newest(), keys).extract();
        try {
            return same(newest, key) ? Optional.of(own) : Optional.empty();
        } finally {
            newest.destroy();
        }
    }

    private static boolean same(SecretKey one, SecretKey other) {
        byte[] a = one.getEncoded();
        byte[] b = other.getEncoded();
        try {
            return a != null && b != null && MessageDigest.isEqual(a, b);
        } finally {
            wipe(a);
            wipe(b);
        }
    }

    private static void wipe(byte @Nullable [] bytes) {
        if (bytes != null) {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private DataKeyEntry wrap(
            StoreContent in, String alias, SecretKey key, DataKeyUsage usage, DataKeyWishes wishes, long usualMessages)
            throws KeyStoreException {
        byte[] raw = key.getEncoded();
        try {
            if (raw == null) {
                throw new KeyStoreException("the key for " + Quoted.of(alias)
                        + " does not give its bytes, so only the provider" + " that it is of can keep it");
            }
            return wrapping.wrap(
                    in,
                    alias,
                    pinned.toSeal(),
                    usage,
                    wishes.extractable().orElse(false),
                    Map.of(),
                    wishes.maxMessages().orElse(usualMessages),
                    raw);
        } finally {
            wipe(raw);
        }
    }

    private StoreEntry privateKey(StoreContent in, String alias, PrivateKey key, Certificate @Nullable [] chain)
            throws GeneralSecurityException {
        return wrapping.wrap(in, alias, pinned.toSeal(), Map.of(), key, certificates(chain));
    }

    /**
     * Shows a private key that is not wrapped yet. The service is not asked.
     *
     * @throws KeyStoreException if it could not become an entry
     */
    PrivateKeyView unwrapped(StoreContent in, String alias, PrivateKey key, Certificate @Nullable [] chain)
            throws KeyStoreException {
        List<byte[]> certificates = encoded(certificates(chain));
        if (!"PKCS#8".equals(key.getFormat())) {
            throw new KeyStoreException("the private key for " + Quoted.of(alias) + " has no PKCS #8 form");
        }
        try {
            PrivateKeyEntry plan = new PrivateKeyEntry(
                    alias, Instant.now(), pinned.toOpen(), Map.of(), key.getAlgorithm(), new byte[1], certificates);
            return new PrivateKeyView(in, plan, keys, key);
        } catch (IllegalArgumentException e) {
            throw new KeyStoreException("the entry " + Quoted.of(alias) + " cannot be made: " + e.getMessage(), e);
        }
    }

    /**
     * Wraps a private key that is not wrapped yet.
     *
     * @param in the content that it is part of
     * @throws KeyStoreException if it cannot be an entry
     * @throws dev.kmsenvelope.kms.KmsException if the service fails
     */
    StoreEntry wrap(StoreContent in, PrivateKeyView unwrapped) throws KeyStoreException {
        String alias = unwrapped.entry().alias();
        try {
            return key(in, alias, unwrapped.key(), unwrapped.chain(), Set.of());
        } catch (UnrecoverableKeyException e) {
            throw new KeyStoreException("the entry " + Quoted.of(alias) + " cannot be made: " + e.getMessage(), e);
        }
    }

    private static Certificate[] certificates(Certificate @Nullable [] chain) throws KeyStoreException {
        if (chain == null || chain.length == 0) {
            throw new KeyStoreException("a private key needs the certificate of its public key");
        }
        encoded(chain);
        return chain;
    }

    /**
     * Makes an entry of a certificate to trust.
     *
     * @throws KeyStoreException if it cannot be one
     */
    CertificateEntry certificate(String alias, @Nullable Certificate certificate) throws KeyStoreException {
        try {
            return new CertificateEntry(alias, Instant.now(), encoded(certificate));
        } catch (IllegalArgumentException e) {
            throw new KeyStoreException("the entry " + Quoted.of(alias) + " cannot be made: " + e.getMessage(), e);
        }
    }

    private static List<byte[]> encoded(Certificate[] chain) throws KeyStoreException {
        List<byte[]> encoded = new ArrayList<>();
        for (Certificate certificate : chain) {
            encoded.add(encoded(certificate));
        }
        return encoded;
    }

    private static byte[] encoded(@Nullable Certificate certificate) throws KeyStoreException {
        if (!(certificate instanceof X509Certificate)) {
            throw new KeyStoreException("a certificate must be one of X.509");
        }
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new KeyStoreException("a certificate has no encoded form", e);
        }
    }
}
