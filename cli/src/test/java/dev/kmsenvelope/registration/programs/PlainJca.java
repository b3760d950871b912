package dev.kmsenvelope.registration.programs;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.SealedObject;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Uses much of JCA with keys that it has in its hands, and prints who did it and with what result. Nothing in its output is
 * random, so two runs can be compared. Arguments: a PKCS12 file with a TLS key, and its password.
 */
public final class PlainJca {

    private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);
    private static final SecretKey KEY = new SecretKeySpec(new byte[32], "AES");
    private static final GCMParameterSpec GCM = new GCMParameterSpec(128, new byte[12]);

    private PlainJca() {}

    public static void main(String[] args) throws Exception {
        char[] password = args[1].toCharArray();
        say("SecureRandom", new SecureRandom().getProvider().getName() + "/" + new SecureRandom().getAlgorithm());
        say("KeyGenerator", KeyGenerator.getInstance("AES").getProvider().getName());
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        say("MessageDigest", digest.getProvider().getName() + "/" + hex(digest.digest(TEXT)));
        ciphers();
        say("SealedObject", sealedObject());
        publicKeys();
        say("PKCS12", passwordProtectedStore(password));
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("GCM");
        parameters.init(GCM);
        say("AlgorithmParameters.encoded", hex(parameters.getEncoded()));
        say("AlgorithmParameters.provider", parameters.getProvider().getName());
        say("TLS", TlsEcho.run(Path.of(args[0]), password));
    }

    private static void ciphers() throws Exception {
        for (String transformation : new String[] {"AES/GCM/NoPadding", "AES_256/GCM/NoPadding"}) {
            Cipher cipher = Cipher.getInstance(transformation);
            cipher.init(Cipher.ENCRYPT_MODE, KEY, GCM);
            cipher.updateAAD(TEXT);
            byte[] sealed = cipher.doFinal(TEXT);
            say(transformation, cipher.getProvider().getName() + "/" + hex(sealed));
            say(transformation + " again", exceptionOf(() -> cipher.doFinal(TEXT)));
            say(transformation + " same IV", exceptionOf(() -> cipher.init(Cipher.ENCRYPT_MODE, KEY, GCM)));
            cipher.init(Cipher.DECRYPT_MODE, KEY, GCM);
            cipher.updateAAD(TEXT);
            say(transformation + " opened", new String(cipher.doFinal(sealed), StandardCharsets.UTF_8));
            say(transformation + " bad tag", exceptionOf(() -> cipher.doFinal(sealed)));
            say(transformation + " pinned", pinned(transformation, sealed));
        }
        Cipher cbc = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cbc.init(Cipher.ENCRYPT_MODE, KEY, new IvParameterSpec(new byte[16]));
        say("AES/CBC/PKCS5Padding", cbc.getProvider().getName() + "/" + hex(cbc.doFinal(TEXT)));
        Cipher ecb = Cipher.getInstance("AES");
        ecb.init(Cipher.ENCRYPT_MODE, KEY);
        say("AES", ecb.getProvider().getName() + "/" + hex(ecb.doFinal(TEXT)));
        for (String transformation : new String[] {"AESWrap", "AES/KW/NoPadding", "AES/KWP/NoPadding"}) {
            Cipher wrapping = Cipher.getInstance(transformation);
            wrapping.init(Cipher.WRAP_MODE, KEY);
            byte[] wrapped = wrapping.wrap(KEY);
            wrapping.init(Cipher.UNWRAP_MODE, KEY);
            Key unwrapped = wrapping.unwrap(wrapped, "AES", Cipher.SECRET_KEY);
            say(transformation, wrapping.getProvider().getName() + "/" + hex(wrapped) + "/" + unwrapped.equals(KEY));
        }
        say(
                "AES/GCM/NoPadding 8-bit key",
                exceptionOf(() -> Cipher.getInstance("AES/GCM/NoPadding")
                        .init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[1], "AES"), GCM)));
        say("no such transformation", exceptionOf(() -> Cipher.getInstance("AES/NONE/NoPadding")));
    }

    /** Asking for the block size binds the object to the first provider before the key is known. */
    private static String pinned(String transformation, byte[] sealed) throws Exception {
        Cipher cipher = Cipher.getInstance(transformation);
        int blockSize = cipher.getBlockSize();
        cipher.init(Cipher.DECRYPT_MODE, KEY, GCM);
        cipher.updateAAD(TEXT);
        return blockSize + "/" + new String(cipher.doFinal(sealed), StandardCharsets.UTF_8) + "/"
                + cipher.getOutputSize(100) + "/" + hex(cipher.getIV()) + "/"
                + hex(cipher.getParameters().getEncoded()) + "/" + exceptionOf(() -> cipher.doFinal(new byte[16]))
                + "/" + exceptionOf(() -> cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[5], "AES"), GCM))
                + "/" + exceptionOf(() -> cipher.init(Cipher.DECRYPT_MODE, KEY));
    }

    private static Object sealedObject() throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, KEY);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new SealedObject("attack at dawn", cipher));
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return ((SealedObject) in.readObject()).getObject(KEY);
        }
    }

    private static void publicKeys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate());
        signature.update(TEXT);
        say("Signature", signature.getProvider().getName() + "/" + (signature.sign().length > 0));
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(pair.getPrivate());
        agreement.doPhase(pair.getPublic(), true);
        say("KeyAgreement", agreement.getProvider().getName() + "/" + agreement.generateSecret().length);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(KEY);
        say("Mac", mac.getProvider().getName() + "/" + hex(mac.doFinal(TEXT)));
        Mac pinned = Mac.getInstance("HmacSHA256");
        say("Mac pinned", pinned.getMacLength());
        pinned.init(KEY);
        say("Mac pinned result", hex(pinned.doFinal(TEXT)));
        say("KeyPairGenerator", generator.getProvider().getName());
        rsa();
        SecretKeyFactory factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256");
        byte[] derived = factory.generateSecret(new PBEKeySpec("secret".toCharArray(), new byte[16], 1000, 256))
                .getEncoded();
        say("SecretKeyFactory", factory.getProvider().getName() + "/" + hex(derived));
    }

    private static void rsa() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        for (String algorithm : new String[] {"SHA256withRSA", "SHA512withRSA", "RSASSA-PSS"}) {
            Signature signature = Signature.getInstance(algorithm);
            if (algorithm.equals("RSASSA-PSS")) {
                // binds the object to the first provider, before its key is known
                signature.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 20, 1));
            }
            signature.initSign(pair.getPrivate());
            signature.update(TEXT);
            byte[] signed = signature.sign();
            signature.initVerify(pair.getPublic());
            signature.update(TEXT);
            say("Signature " + algorithm, signature.verify(signed) + "/" + signed.length);
            say("Signature " + algorithm + " null key", exceptionOf(() -> signature.initSign(null)));
        }
        Signature unpinned = Signature.getInstance("SHA256withRSA");
        unpinned.initSign(pair.getPrivate());
        say("Signature of a raw key", unpinned.getProvider().getName());
        for (String padding : new String[] {"PKCS1Padding", "OAEPWithSHA-256AndMGF1Padding", "OAEPPadding"}) {
            Cipher cipher = Cipher.getInstance("RSA/ECB/" + padding);
            cipher.init(Cipher.ENCRYPT_MODE, pair.getPublic());
            byte[] sealed = cipher.doFinal(TEXT);
            cipher.init(Cipher.DECRYPT_MODE, pair.getPrivate());
            byte[] opened = cipher.doFinal(sealed);
            say("RSA " + padding, cipher.getProvider().getName() + "/" + new String(opened, StandardCharsets.UTF_8));
            say("RSA " + padding + " cut", exceptionOf(() -> cipher.doFinal(sealed, 0, 100)));
        }
    }

    private static String passwordProtectedStore(char[] password) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("key", KEY, password, null);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        store.store(bytes, password);
        KeyStore loaded = KeyStore.getInstance("PKCS12");
        loaded.load(new ByteArrayInputStream(bytes.toByteArray()), password);
        return loaded.getProvider().getName() + "/" + KEY.equals(loaded.getKey("key", password));
    }

    private interface Action {
        void run() throws Exception;
    }

    private static String exceptionOf(Action action) {
        try {
            action.run();
            return "none";
        } catch (AEADBadTagException e) {
            return e.getClass().getName();
        } catch (Exception e) {
            return e.getClass().getName() + ": " + e.getMessage();
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static void say(String name, Object value) {
        System.out.println(name + "=" + value);
    }
}
