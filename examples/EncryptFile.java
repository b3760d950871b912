import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import javax.crypto.CipherOutputStream;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Encrypts and decrypts a file with AES-GCM, as many programs do: the IV, then the ciphertext. It imports java.* and javax.*
 * only. Which keystore its key comes from is set outside of it, so the same program runs with a raw key out of a PKCS12 file
 * and, unmodified, with a key that stays in a key-management service.
 *
 * <pre>
 * java [-Dkeystore.type=KMS] [-Dkeystore.file=FILE] [-Dkeystore.password=...] [-Dkeystore.alias=alias/demo]
 *      EncryptFile.java encrypt|decrypt INPUT OUTPUT
 * </pre>
 */
public final class EncryptFile {

    private static final String TRANSFORMATION = "AES/GCM/NoPadding";
    private static final int IV_LENGTH = 12;
    private static final int TAG_BITS = 128;

    public static void main(String[] args) throws Exception {
        if (args.length != 3) {
            System.err.println("usage: EncryptFile encrypt|decrypt INPUT OUTPUT");
            System.exit(2);
        }
        Key key = loadKey();
        long start = System.nanoTime();
        try (InputStream in = Files.newInputStream(Path.of(args[1]));
                OutputStream out = Files.newOutputStream(Path.of(args[2]))) {
            if (args[0].equals("encrypt")) {
                encrypt(key, in, out);
            } else {
                decrypt(key, in, out);
            }
        }
        System.out.printf("%sed %s in %.1f s%n", args[0], args[1], (System.nanoTime() - start) / 1e9);
    }

    private static Key loadKey() throws GeneralSecurityException, IOException {
        KeyStore keyStore = KeyStore.getInstance(System.getProperty("keystore.type", "KMS"));
        String file = System.getProperty("keystore.file");
        char[] password = System.getProperty("keystore.password", "").toCharArray();
        try (InputStream in = file == null ? null : Files.newInputStream(Path.of(file))) {
            keyStore.load(in, password);
        }
        String alias = System.getProperty("keystore.alias", "alias/demo");
        Key key = keyStore.getKey(alias, password);
        if (key == null) {
            throw new GeneralSecurityException("the keystore has no key " + alias);
        }
        return key;
    }

    private static void encrypt(Key key, InputStream in, OutputStream out)
            throws GeneralSecurityException, IOException {
        byte[] iv = new byte[IV_LENGTH];
        new SecureRandom().nextBytes(iv);
        Cipher cipher = Cipher.getInstance(TRANSFORMATION);
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, iv));
        out.write(iv);
        try (CipherOutputStream encrypted = new CipherOutputStream(out, cipher)) {
            in.transferTo(encrypted);
        }
    }

    private static void decrypt(Key key, InputStream in, OutputStream out)
            throws GeneralSecurityException, IOException {
        byte[] iv = in.readNBytes(IV_LENGTH);
        Cipher cipher = Cipher.getInstance(TRANSFORMATION);
        cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, iv));
        try (CipherInputStream decrypted = new CipherInputStream(in, cipher)) {
            decrypted.transferTo(out);
        }
    }
}
