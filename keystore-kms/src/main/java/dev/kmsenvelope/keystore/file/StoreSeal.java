package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.crypto.Hkdf;
import dev.kmsenvelope.crypto.Hmac;
import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import dev.kmsenvelope.keystore.file.StoreCodec.Framed;
import dev.kmsenvelope.kms.ContextBinding;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.text.Quoted;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.ProviderException;
import java.util.Arrays;
import java.util.Set;

/**
 * Seals keystore files, and opens those that were sealed under one key, which is pinned outside of the file (RULES 18). The
 * file's own word on which key that was counts for nothing but error texts.
 *
 * <pre>
 * seal key   32 bytes that the service generates under the pinned key for each write, bound to the file's id and generation
 * mac key    HKDF-SHA256(no salt, seal key, info "kms-envelope-keystore 1 mac"), 32 bytes
 * code       HMAC-SHA256(mac key, every byte before the last line)
 * </pre>
 *
 * So a head with a changed id or generation does not open at the service, and anything else that is changed has another code. The
 * seal is symmetric: who may decrypt with the pinned key can compute the code of other content for the generations that were
 * sealed; a new generation takes leave to encrypt or to generate data keys under it. docs/KEYSTORE-FILE.md says more.
 *
 * <p>Immutable and thread-safe.
 */
public final class StoreSeal {

    private static final int KEY_LENGTH = 32;
    private static final byte[] INFO = "kms-envelope-keystore 1 mac".getBytes(StandardCharsets.US_ASCII);

    private final KeyService service;
    private final KeyId pinned;
    private final long minGeneration;

    /**
     * Makes one. The service is not asked yet.
     *
     * @param service has the key; must stay open as long as this is used
     * @param pinned the one key to accept: an alias, key id or ARN; an alias stands for the keys whose ciphertexts a handle to it
     *     may open ({@link KeyService#decryptionKeys})
     * @param minGeneration refuse files of a lower generation; 0 to accept all
     */
    public StoreSeal(KeyService service, KeyId pinned, long minGeneration) {
        this.service = service;
        this.pinned = pinned;
        this.minGeneration = minGeneration;
    }

    /**
     * Opens a file. The service decrypts once; it is not asked at all for what is no keystore file, or is older than accepted.
     *
     * @param file all of it; not modified
     * @return what it holds, with nothing unwrapped
     * @throws StoreFileException if it is no keystore file, of another version, malformed, changed, sealed under another key, or
     *     too old
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if the pinned key is an RSA key, which seals nothing
     * @throws dev.kmsenvelope.kms.KmsException if the service fails
     */
    public StoreContent open(byte[] file) throws StoreFileException {
        Framed framed = StoreCodec.split(file);
        StoreReader reader = new StoreReader(framed.json());
        SealHead head = reader.head();
        if (head.generation() < minGeneration) {
            throw new StoreFileException(
                    Reason.OLD_GENERATION,
                    "the keystore file is of generation " + head.generation() + ", and " + minGeneration
                            + " is the lowest accepted one: it is an old copy");
        }
        try (SecretBytes sealKey = sealKey(head)) {
            if (!MessageDigest.isEqual(mac(sealKey, framed.covered()), framed.mac())) {
                throw new StoreFileException(
                        Reason.BAD_SEAL,
                        "the keystore file was changed after it was sealed: the code in its last line is for other content");
            }
        }
        return reader.content(head);
    }

    /**
     * Seals what a file is to hold, as its next generation. The service generates one data key.
     *
     * @param content what to write; {@link StoreContent#next()} is what the file holds then
     * @return the file
     * @throws StoreFileException if that is more than a file can have
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if the pinned key is an RSA key, which seals nothing
     * @throws dev.kmsenvelope.kms.KmsException if the service fails
     */
    public byte[] seal(StoreContent content) throws StoreFileException {
        StoreContent next = content.next();
        requireBinding(pinned);
        try (DataKeyPair pair =
                service.generateDataKey(pinned, KEY_LENGTH, EntryContext.ofSeal(next.id(), next.generation()))) {
            if (pair.plaintext().length() != KEY_LENGTH) {
                throw new KmsUnavailableException(
                        "the key service gave " + pair.plaintext().length() + " bytes for the seal under " + pinned
                                + " where " + KEY_LENGTH + " belong");
            }
            SealHead head = new SealHead(
                    next.id(),
                    next.generation(),
                    service.keyOf(pair.encrypted()).orElse(pinned),
                    service.toBlob(pair.encrypted()));
            byte[] covered = StoreCodec.cover(StoreWriter.write(head, next.entries()));
            return StoreCodec.join(covered, mac(pair.plaintext(), covered));
        }
    }

    /** Only what one of the pinned keys encrypted for this id and generation decrypts here. */
    private SecretBytes sealKey(SealHead head) throws StoreFileException {
        Set<KeyId> accepted = service.decryptionKeys(pinned);
        try {
            EncryptedDataKey encrypted = service.fromBlob(accepted.iterator().next(), head.blob());
            KeyId key = service.keyOf(encrypted).orElse(null);
            if (key == null || !accepted.contains(key)) {
                throw new StoreFileException(
                        Reason.FOREIGN_KEY,
                        "the keystore file is sealed under another key than the pinned one, " + pinned
                                + "; as it says itself, under "
                                + Quoted.of(head.key().value()));
            }
            requireBinding(key);
            SecretBytes sealKey = service.decrypt(key, encrypted, head.context());
            requireLength(sealKey);
            return sealKey;
        } catch (InvalidCiphertextException e) {
            throw new StoreFileException(
                    Reason.BAD_SEAL,
                    "the seal of the keystore file does not open with the pinned key " + pinned
                            + ": its head was changed, or it is sealed under another key; as it says itself, under "
                            + Quoted.of(head.key().value()),
                    e);
        }
    }

    /** Else whoever has the certificate could seal, and for any id and generation. */
    private void requireBinding(KeyId key) {
        ContextBinding.require(service, key, "seals of keystore files");
    }

    /** Whoever may encrypt under the pinned key can make one of another length: it is the file that is wrong then. */
    private void requireLength(SecretBytes sealKey) throws StoreFileException {
        if (sealKey.length() != KEY_LENGTH) {
            sealKey.close();
            throw new StoreFileException(
                    Reason.BAD_SEAL,
                    "the seal of the keystore file, which the pinned key " + pinned + " opens, has " + sealKey.length()
                            + " bytes where " + KEY_LENGTH + " belong: this program did not make it");
        }
    }

    static byte[] mac(SecretBytes sealKey, byte[] covered) {
        byte[] macKey = macKey(sealKey);
        try {
            return Hmac.compute("HmacSHA256", macKey, covered);
        } catch (GeneralSecurityException e) {
            throw new ProviderException("the Java runtime has no HMAC-SHA256", e);
        } finally {
            Arrays.fill(macKey, (byte) 0);
        }
    }

    private static byte[] macKey(SecretBytes sealKey) {
        byte[] secret = sealKey.copy();
        try (Hkdf.Extracted extracted = Hkdf.SHA256.start(new byte[0], secret)) {
            return extracted.expand(INFO, StoreCodec.MAC_LENGTH);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
