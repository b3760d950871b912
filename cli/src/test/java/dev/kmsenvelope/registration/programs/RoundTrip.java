package dev.kmsenvelope.registration.programs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.spec.GCMParameterSpec;

/** Encrypts and decrypts with the key of a KMS KeyStore that the argument names, if one is wanted, and with a raw key. */
public final class RoundTrip {

    private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

    private RoundTrip() {}

    public static void main(String[] args) throws Exception {
        String how = System.getProperty("add.provider");
        if (how != null) {
            say("added", Security.addProvider(find(how)) > 0);
        }
        raw("raw.before");
        KeyStore keyStore = KeyStore.getInstance("KMS");
        say("keystore.provider", keyStore.getProvider().getName());
        try {
            keyStore.load(null, null);
            if (Boolean.getBoolean("no.key")) {
                say("loaded", keyStore.getType());
                return;
            }
            Key key = keyStore.getKey(args[0], null);
            seal("handle", key);
        } catch (IOException e) {
            say(
                    "load.failed",
                    e.getCause().getClass().getName() + ": " + e.getCause().getMessage());
        }
        raw("raw.after");
        say(
                "providers",
                Arrays.stream(Security.getProviders()).map(Provider::getName).collect(Collectors.joining(",")));
    }

    private static Provider find(String how) throws ReflectiveOperationException {
        return how.equals("ServiceLoader")
                ? ServiceLoader.load(Provider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .filter(provider -> provider.getName().equals("KmsEnvelope"))
                        .findFirst()
                        .orElseThrow()
                : Class.forName(how).asSubclass(Provider.class).getConstructor().newInstance();
    }

    private static void raw(String name) throws Exception {
        KeyGenerator generator = KeyGenerator.getInstance("AES");
        generator.init(256);
        seal(name, generator.generateKey());
    }

    private static void seal(String name, Key key) throws Exception {
        Cipher encrypting = Cipher.getInstance("AES/GCM/NoPadding");
        encrypting.init(Cipher.ENCRYPT_MODE, key);
        byte[] sealed = encrypting.doFinal(TEXT);
        say(name + ".provider", encrypting.getProvider().getName());
        Cipher decrypting = Cipher.getInstance("AES/GCM/NoPadding");
        decrypting.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, encrypting.getIV()));
        say(name + ".opened", new String(decrypting.doFinal(sealed), StandardCharsets.UTF_8));
    }

    private static void say(String name, Object value) {
        System.out.println(name + "=" + value);
    }
}
