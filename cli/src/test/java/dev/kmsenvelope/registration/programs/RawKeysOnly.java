package dev.kmsenvelope.registration.programs;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;

/** What most programs do with JCA; prints the names of its threads. Arguments: a PKCS12 file and its password, or none. */
public final class RawKeysOnly {

    private RawKeysOnly() {}

    public static void main(String[] args) throws Exception {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        MessageDigest.getInstance("SHA-256").digest(bytes);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, KeyGenerator.getInstance("AES").generateKey());
        cipher.doFinal(bytes);
        System.out.println("provider=" + cipher.getProvider().getName());
        if (args.length > 0) {
            System.out.println("TLS=" + TlsEcho.run(Path.of(args[0]), args[1].toCharArray()));
        }
        System.out.println("threads="
                + Thread.getAllStackTraces().keySet().stream()
                        .map(Thread::getName)
                        .sorted()
                        .collect(Collectors.joining(",")));
    }
}
