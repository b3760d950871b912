package dev.kmsenvelope.provider;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.tink.EncryptedKeyset;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Parameters of {@code Envelope/TINK/NoPadding} that other formats do not have. Without them, messages are those of Tink's
 * {@code KmsEnvelopeAead} alone. Immutable and thread-safe.
 *
 * <p>{@code Envelope} and {@code AES/GCM/NoPadding} take them too, to decrypt and where the setting {@code decrypt.formats} has
 * {@code tink}: they say which kind of message those of Tink are, and mean nothing for messages of other formats. Nothing but
 * a keyset given so lets these names open streams.
 *
 * <ul>
 *   <li>{@link #ofKeyId}: those of a keyset of Tink whose key is a {@code KmsEnvelopeAeadKey} with the output prefix TINK;
 *   <li>{@link #ofKeyset}: Tink's AES-GCM-HKDF streams under a keyset that was encrypted with the handle's key.
 * </ul>
 */
public final class TinkParameterSpec implements AlgorithmParameterSpec {

    private final OptionalInt keyId;
    private final @Nullable EncryptedKeyset keyset;

    private TinkParameterSpec(OptionalInt keyId, @Nullable EncryptedKeyset keyset) {
        this.keyId = keyId;
        this.keyset = keyset;
    }

    /**
     * Messages with the prefix of a key in a keyset of Tink. They are written with it; read are only those that have it, whereas
     * without this parameter those with any prefix and those without one are read.
     *
     * @param keyId of the key, an unsigned 32-bit number as Tink shows it
     * @return the parameters
     */
    public static TinkParameterSpec ofKeyId(int keyId) {
        return new TinkParameterSpec(OptionalInt.of(keyId), null);
    }

    /**
     * Streams under a keyset without associated data of its own.
     *
     * @param encrypted as {@link #ofKeyset(byte[], byte[])}
     * @return the parameters
     * @throws IllegalArgumentException as there
     */
    public static TinkParameterSpec ofKeyset(byte[] encrypted) {
        return ofKeyset(encrypted, new byte[0]);
    }

    /**
     * Streams under a keyset. Its primary key writes, and each of its enabled keys reads. Nothing is decrypted yet. The associated
     * data of the streams is that of the cipher.
     *
     * @param encrypted a keyset that was encrypted with the handle's key, in Tink's binary form, at most 128 KiB: what {@code
     *     TinkProtoKeysetFormat.serializeEncryptedKeyset} or {@link TinkStreamingTemplate#newKeyset} gives; not the JSON form
     * @param associatedData of the keyset; bound by the key service as the pair {@code associatedData} in hexadecimal
     * @return the parameters
     * @throws IllegalArgumentException if the form is wrong
     */
    public static TinkParameterSpec ofKeyset(byte[] encrypted, byte[] associatedData) {
        if (encrypted.length > 0 && encrypted[0] == '{') {
            throw new IllegalArgumentException("the keyset is in Tink's JSON form, which is not read here; in the"
                    + " binary form its field encrypted_keyset (2) has what the JSON has as encryptedKeyset in Base64");
        }
        try {
            return new TinkParameterSpec(OptionalInt.empty(), EncryptedKeyset.parse(encrypted, associatedData));
        } catch (InvalidMessageException e) {
            throw new IllegalArgumentException("not an encrypted keyset of Tink: " + e.getMessage(), e);
        }
    }

    OptionalInt keyId() {
        return keyId;
    }

    Optional<EncryptedKeyset> keyset() {
        return Optional.ofNullable(keyset);
    }
}
