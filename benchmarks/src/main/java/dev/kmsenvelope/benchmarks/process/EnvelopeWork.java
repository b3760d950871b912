package dev.kmsenvelope.benchmarks.process;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;

/** Our {@code Envelope} Cipher, under a key of the embedded key service in a directory. */
final class EnvelopeWork implements Work {

    private static final KeyId KEY = KeyId.of("alias/process");

    private final KeyServices services;
    private final KmsSecretKey key;
    private final Cipher cipher;

    EnvelopeWork(Path directory) throws GeneralSecurityException {
        Configuration configuration = configuration(directory);
        services = KeyServices.open(configuration);
        key = KmsSecretKey.of(services, KeyReference.ofMain(KEY), KeyPolicy.of(configuration, KEY));
        cipher = Cipher.getInstance("Envelope", new KmsEnvelopeProvider());
    }

    /** Makes the key. */
    static void prepare(Path directory) {
        try (KeyAdministration administration = Backends.openAdministration(configuration(directory))) {
            administration.createKey(KeySpec.SYMMETRIC_DEFAULT, KEY);
        }
    }

    private static Configuration configuration(Path directory) {
        return Configuration.of(
                Map.of("local.directory", directory.resolve("keys").toString()));
    }

    @Override
    public void encrypt(InputStream in, OutputStream out) throws IOException, GeneralSecurityException {
        cipher.init(Cipher.ENCRYPT_MODE, key);
        pass(in, out);
    }

    @Override
    public void decrypt(InputStream in, OutputStream out) throws IOException, GeneralSecurityException {
        cipher.init(Cipher.DECRYPT_MODE, key);
        pass(in, out);
    }

    private void pass(InputStream in, OutputStream out) throws IOException, GeneralSecurityException {
        byte[] piece = new byte[PIECE];
        byte[] result = new byte[2 * PIECE];
        for (int read = in.readNBytes(piece, 0, PIECE); read > 0; read = in.readNBytes(piece, 0, PIECE)) {
            out.write(result, 0, cipher.update(piece, 0, read, result, 0));
        }
        out.write(result, 0, cipher.doFinal(result, 0));
    }

    /** Decrypts as programs do that know nothing but streams. */
    void readThroughCipherInputStream(InputStream in, OutputStream out) throws IOException, GeneralSecurityException {
        cipher.init(Cipher.DECRYPT_MODE, key);
        try (CipherInputStream plaintext = new CipherInputStream(in, cipher)) {
            plaintext.transferTo(out);
        }
    }

    @Override
    public void close() {
        services.close();
    }
}
