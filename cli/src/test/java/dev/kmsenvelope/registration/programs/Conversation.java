package dev.kmsenvelope.registration.programs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import javax.crypto.Cipher;

/**
 * Keeps one handle and does what each line of its input says: {@code seal TEXT} or {@code open BASE64}. It answers with one
 * line each: the result, or the exception.
 */
public final class Conversation {

    private Conversation() {}

    public static void main(String[] args) throws Exception {
        KeyStore keyStore = KeyStore.getInstance("KMS");
        keyStore.load(null, null);
        Key key = keyStore.getKey(args[0], null);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", 2);
            System.out.println(answer(key, words[0], words[1]));
        }
    }

    private static String answer(Key key, String verb, String argument) throws IOException {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            if (verb.equals("seal")) {
                cipher.init(Cipher.ENCRYPT_MODE, key);
                return Base64.getEncoder().encodeToString(cipher.doFinal(argument.getBytes(StandardCharsets.UTF_8)));
            }
            cipher.init(Cipher.DECRYPT_MODE, key);
            return new String(cipher.doFinal(Base64.getDecoder().decode(argument)), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | RuntimeException e) {
            return e.getClass().getName();
        }
    }
}
