package dev.kmsenvelope.keystore;

import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.provider.KmsPrivateKey;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The public keys of a service's key pairs, and the certificates that were made for them. Neither ever changes, so each is
 * asked for {@linkplain Once once}. Thread-safe.
 */
final class PublicHalves {

    /** Values must not refer to their key. */
    private static final Map<KeyService, PublicHalves> SERVICES = new WeakHashMap<>();

    private final LongSupplier nanoTime;
    private final Map<KeyId, Once<byte[]>> publicKeys = new ConcurrentHashMap<>();
    private final Map<KeyId, Once<X509Certificate>> certificates = new ConcurrentHashMap<>();

    PublicHalves(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Those of a service: one for all keystores over it. */
    static PublicHalves of(KeyService service) {
        synchronized (SERVICES) {
            return SERVICES.computeIfAbsent(service, any -> new PublicHalves(System::nanoTime));
        }
    }

    /** The SubjectPublicKeyInfo of a key. */
    byte[] publicKey(KeyService service, KeyDescription key) throws GeneralSecurityException, IOException {
        return once(publicKeys, key.id())
                .get(() -> service.capability(PublicKeyService.class)
                        .orElseThrow(() -> new InvalidKeyUsageException("the service tells no public keys"))
                        .publicKey(key.id()));
    }

    /** The certificate that is made for a key when none is supplied. */
    X509Certificate certificate(KmsPrivateKey key, KeyDescription description)
            throws GeneralSecurityException, IOException {
        return once(certificates, description.id()).get(() -> CertificateMaker.make(key, description.created()));
    }

    private <T> Once<T> once(Map<KeyId, Once<T>> all, KeyId key) {
        return all.computeIfAbsent(key, any -> new Once<>(nanoTime));
    }
}
