package dev.kmsenvelope.application;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.crypto.OaepHash;
import dev.kmsenvelope.crypto.RsaOaep;
import dev.kmsenvelope.keyring.RawAesKeyring;
import dev.kmsenvelope.keyring.RawRsaKeyring;
import dev.kmsenvelope.keyring.S3AesKeyring;
import dev.kmsenvelope.keyring.S3Keyring;
import dev.kmsenvelope.keyring.S3RsaKeyring;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * Takes the keys out of a KeyStore that data keys can be encrypted under: AES keys, RSA key pairs, and RSA public keys of
 * trusted certificates. Its other entries are left alone. Of a certificate only the public key counts: whoever put it into
 * the KeyStore has vouched for it, so neither its dates nor its issuer are looked at.
 *
 * @param namespace the provider id of what the keys encrypt
 * @param hash the hash of RSA-OAEP
 * @param random where nonces and padding come from: the operating system's source
 */
record KeyReader(String namespace, OaepHash hash, SecureRandom random) {

    /**
     * Reads all keys.
     *
     * @param keyStore loaded
     * @param password of its entries, or null where they have none
     * @return the keys, oldest first; the caller closes them
     * @throws GeneralSecurityException if the KeyStore fails, or no password was given and one is needed
     */
    List<ApplicationKey> readAll(KeyStore keyStore, char @Nullable [] password) throws GeneralSecurityException {
        List<ApplicationKey> keys = new ArrayList<>();
        boolean complete = false;
        try {
            for (String alias : Collections.list(keyStore.aliases())) {
                if (isNameable(alias)) {
                    new Entry(keyStore, alias, password).read().ifPresent(keys::add);
                }
            }
            complete = true;
        } finally {
            if (!complete) {
                keys.forEach(ApplicationKey::close);
            }
        }
        keys.sort(Comparator.comparing(ApplicationKey::created).thenComparing(ApplicationKey::name));
        return keys;
    }

    /** Other aliases cannot be written as a key name of the port. */
    private static boolean isNameable(String alias) {
        return !alias.isEmpty() && alias.length() <= 1024 && alias.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    /** One entry of the KeyStore. */
    private final class Entry {

        private final KeyStore keyStore;
        private final String alias;
        private final char @Nullable [] password;
        private final Instant created;

        Entry(KeyStore keyStore, String alias, char @Nullable [] password) throws GeneralSecurityException {
            this.keyStore = keyStore;
            this.alias = alias;
            this.password = password;
            this.created = created(keyStore, alias);
        }

        /** Tokens do not know it: SunPKCS11 answers that the operation is unsupported. */
        private static Instant created(KeyStore keyStore, String alias) throws GeneralSecurityException {
            try {
                return Optional.ofNullable(keyStore.getCreationDate(alias))
                        .map(Date::toInstant)
                        .orElse(Instant.EPOCH);
            } catch (ProviderException e) {
                if (e.getCause() instanceof UnsupportedOperationException) {
                    return Instant.EPOCH;
                }
                throw e;
            }
        }

        /** The key, or empty when it is of no use for encrypting data keys. */
        Optional<ApplicationKey> read() throws GeneralSecurityException {
            try {
                Certificate certificate = keyStore.getCertificate(alias);
                if (certificate == null) {
                    return withoutCertificate(keyStore.getKey(alias, password));
                }
                RSAPublicKey publicKey = rsaPublicKey(certificate);
                return publicKey == null ? Optional.empty() : Optional.of(rsa(publicKey));
            } catch (UnrecoverableKeyException e) {
                if (password == null) {
                    throw e;
                }
                return Optional.of(new UnusableKey(
                        alias, created, "the password of the keystore does not open it; give it the same one"));
            } catch (InvalidKeyException e) {
                return Optional.of(new UnusableKey(alias, created, String.valueOf(e.getMessage())));
            }
        }

        private Optional<ApplicationKey> withoutCertificate(@Nullable Key key) throws InvalidKeyException {
            if (key instanceof PrivateKey && key.getAlgorithm().equals("RSA")) {
                throw new InvalidKeyException(
                        "it is an RSA private key without a certificate, which has the public key");
            }
            return key instanceof SecretKey secret && key.getAlgorithm().equalsIgnoreCase("AES")
                    ? Optional.of(aes(secret))
                    : Optional.empty();
        }

        private static @Nullable RSAPublicKey rsaPublicKey(Certificate certificate) {
            return certificate.getPublicKey() instanceof RSAPublicKey key
                            && key.getAlgorithm().equals("RSA")
                    ? key
                    : null;
        }

        private ApplicationKey aes(SecretKey key) throws InvalidKeyException {
            Provider token = token(key);
            return token == null ? aesInMemory(key) : aesInToken(token, key);
        }

        private ApplicationKey aesInToken(Provider token, SecretKey key) throws InvalidKeyException {
            Supplier<AesGcm> cipher = () -> AesGcm.of(token, key);
            try {
                cipher.get().close();
            } catch (ProviderException e) {
                throw new InvalidKeyException(
                        "it is in the provider " + token.getName() + ", which does not offer AES-GCM", e);
            }
            return new AesApplicationKey(alias, created, keyring(cipher), ofS3(cipher), null, new AtomicLong());
        }

        private ApplicationKey aesInMemory(SecretKey key) throws InvalidKeyException {
            byte[] encoded = key.getEncoded();
            if (encoded.length != 16 && encoded.length != 24 && encoded.length != 32) {
                Arrays.fill(encoded, (byte) 0);
                throw new InvalidKeyException("it has " + encoded.length + " bytes; an AES key has 16, 24 or 32");
            }
            SecretBytes material = SecretBytes.owning(encoded);
            Provider provider = GcmProvider.find(GcmProvider.AUTO);
            Supplier<AesGcm> cipher = () -> {
                byte[] copy = material.copy();
                try {
                    return AesGcm.of(provider, copy);
                } finally {
                    Arrays.fill(copy, (byte) 0);
                }
            };
            return new AesApplicationKey(alias, created, keyring(cipher), ofS3(cipher), material, new AtomicLong());
        }

        private RawAesKeyring keyring(Supplier<AesGcm> cipher) {
            return new RawAesKeyring(namespace, alias, cipher, random);
        }

        private S3Keyring ofS3(Supplier<AesGcm> cipher) {
            return new S3AesKeyring(alias, cipher, random);
        }

        private ApplicationKey rsa(RSAPublicKey publicKey) throws GeneralSecurityException {
            RsaOaep rsa = keyStore.isKeyEntry(alias)
                    ? pair(publicKey, keyStore.getKey(alias, password))
                    : RsaOaep.ofPublicKey(publicKey, hash);
            return new RsaApplicationKey(
                    alias,
                    created,
                    new RawRsaKeyring(namespace, alias, rsa, random),
                    new S3RsaKeyring(alias, rsa, random),
                    rsa);
        }

        private RsaOaep pair(RSAPublicKey publicKey, @Nullable Key key) throws InvalidKeyException {
            if (!(key instanceof PrivateKey privateKey)) {
                throw new InvalidKeyException("the keystore has a certificate for it, and no private key");
            }
            // Else it would encrypt what it cannot decrypt. A key in a token may not tell; the token has paired it.
            if (key instanceof RSAKey rsa && !rsa.getModulus().equals(publicKey.getModulus())) {
                throw new InvalidKeyException("its certificate is for another key than its private key");
            }
            return RsaOaep.ofKeyPair(publicKey, privateKey, token(key), hash);
        }

        /** The provider that must use a key because it is in a token, or null when it is in memory. */
        private @Nullable Provider token(Key key) {
            // A key of PKCS#11 that could be extracted is not: whoever put it there wants it to be used there.
            boolean inToken = key.getFormat() == null || keyStore.getType().equalsIgnoreCase("PKCS11");
            return inToken ? keyStore.getProvider() : null;
        }
    }
}
