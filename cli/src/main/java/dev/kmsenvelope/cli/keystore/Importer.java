package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.Text;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.keystore.file.CertificateEntry;
import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.StoreEntry;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.provider.StoredDataKey;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import javax.crypto.SecretKey;

/** Wraps what comes from another keystore. */
final class Importer {

    private final OpenStore store;
    private final KeyId key;
    private final DataKeyUsage aes;
    private final boolean extractable;

    Importer(OpenStore store, KeyId key, DataKeyUsage aes, boolean extractable) {
        this.store = store;
        this.key = key;
        this.aes = aes;
        this.extractable = extractable;
    }

    /** Makes the entry of the keystore file. */
    StoreEntry take(SourceEntry entry) throws IOException {
        try {
            if (entry.key() instanceof SecretKey secret) {
                return secretKey(entry.alias(), secret);
            }
            if (entry.key() instanceof PrivateKey privateKey) {
                return privateKey(entry, privateKey);
            }
            return new CertificateEntry(
                    entry.alias(), Instant.now(), entry.chain().get(0).getEncoded());
        } catch (IllegalArgumentException e) {
            throw new UsageException("the entry " + named(entry.alias()) + " cannot be taken over: " + e.getMessage());
        } catch (GeneralSecurityException e) {
            throw new SourceException(
                    "the entry " + named(entry.alias()) + " cannot be taken over: " + e.getMessage(), e);
        }
    }

    private StoreEntry privateKey(SourceEntry entry, PrivateKey privateKey)
            throws IOException, GeneralSecurityException {
        Certificate[] chain = entry.chain().toArray(new Certificate[0]);
        if (chain.length == 0) {
            throw new SourceException("the private key " + named(entry.alias()) + " has no certificate");
        }
        if (!KeyMatch.of(privateKey, chain[0].getPublicKey()).orElse(true)) {
            throw new SourceException("the certificate of " + named(entry.alias()) + " is for another key");
        }
        return store.wrapping().wrap(store.content(), entry.alias(), key, Map.of(), privateKey, chain);
    }

    private DataKeyEntry secretKey(String alias, SecretKey secret) throws IOException {
        DataKeyUsage usage = usage(alias, secret.getAlgorithm());
        byte[] raw = secret.getEncoded();
        if (raw == null) {
            throw new SourceException("the key " + named(alias) + " does not give its bytes");
        }
        try {
            return store.wrapping()
                    .wrap(
                            store.content(),
                            alias,
                            key,
                            usage,
                            extractable,
                            Map.of(),
                            StoredDataKey.DEFAULT_MAX_MESSAGES,
                            raw);
        } finally {
            Arrays.fill(raw, (byte) 0);
        }
    }

    private DataKeyUsage usage(String alias, String algorithm) {
        if (algorithm.equalsIgnoreCase("AES")) {
            return aes;
        }
        try {
            DataKeyUsage usage = DataKeyUsage.of(algorithm);
            if (usage.algorithm().equalsIgnoreCase(algorithm)) {
                return usage;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new UsageException("the secret key " + named(alias) + " is for " + Text.escape(algorithm)
                + ", and only those for AES and Hmac* can be taken over; --alias takes a single entry over");
    }

    private static String named(String alias) {
        return "'" + Text.escape(alias) + "'";
    }
}
