package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.tink.StreamLayout;
import dev.kmsenvelope.tink.StreamingKeysets;
import java.security.InvalidKeyException;

/** The kinds of key for Tink's AES-GCM-HKDF streams, named as Tink names its templates. The derivation is with SHA-256. */
public enum TinkStreamingTemplate {
    /** AES-128 and segments of 4 KiB. */
    AES128_GCM_HKDF_4KB(4 * 1024, 16),
    /** AES-128 and segments of 1 MiB. */
    AES128_GCM_HKDF_1MB(1024 * 1024, 16),
    /** AES-256 and segments of 4 KiB. */
    AES256_GCM_HKDF_4KB(4 * 1024, 32),
    /** AES-256 and segments of 1 MiB. */
    AES256_GCM_HKDF_1MB(1024 * 1024, 32);

    private final int segmentLength;
    private final int keyLength;

    TinkStreamingTemplate(int segmentLength, int keyLength) {
        this.segmentLength = segmentLength;
        this.keyLength = keyLength;
    }

    /**
     * Makes a keyset with one fresh key and has the service of a handle encrypt it. Whoever may decrypt with the handle's key can
     * use it, here with {@link TinkParameterSpec#ofKeyset} and with Tink by {@code
     * TinkProtoKeysetFormat.parseEncryptedKeyset}.
     *
     * @param key the handle; the keyset is encrypted under its own key, not for its recipients
     * @param associatedData of the keyset, which is needed to decrypt it; may be empty. AWS KMS shows it in its logs: no secrets
     * @return the encrypted keyset in Tink's binary form, to be kept
     * @throws InvalidKeyException if the handle may not encrypt, or has recipients or an encryption context, neither of which a
     *     keyset can have
     * @throws dev.kmsenvelope.kms.KmsException if the service fails
     */
    public byte[] newKeyset(KmsSecretKey key, byte[] associatedData) throws InvalidKeyException {
        KeyPolicies.requireUsage(key, true);
        String reason = TinkCodec.refusal(key, key.policy().context());
        if (reason != null) {
            throw new InvalidKeyException(reason);
        }
        return StreamingKeysets.create(
                key.service(),
                key.id(),
                StreamLayout.of(segmentLength, keyLength),
                associatedData,
                RandomSource.operatingSystem());
    }
}
