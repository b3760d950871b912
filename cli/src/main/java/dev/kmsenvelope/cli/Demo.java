package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.keystore.KmsLoadStoreParameter;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.spi.Backends;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;

/** The steps of {@code demo}. Each says what it does, does it, and stops the demo unless it did. */
final class Demo {

    private static final KeyId ALIAS = KeyId.of("alias/orders");
    private static final String TEXT = "Order 4711: three red bicycles, to be kept confidential.";
    private static final byte[] PLAINTEXT = TEXT.getBytes(StandardCharsets.UTF_8);
    private static final EnvelopeParameterSpec TENANT_A =
            EnvelopeParameterSpec.builder().context(Map.of("tenant", "a")).build();
    private static final EnvelopeParameterSpec TENANT_B =
            EnvelopeParameterSpec.builder().context(Map.of("tenant", "b")).build();

    private final Stdio stdio;
    private final Configuration configuration;
    private int step;

    Demo(Stdio stdio, Path directory) {
        this.stdio = stdio;
        this.configuration = Configuration.of(Map.of("backend", "local", "local.directory", directory.toString()));
    }

    void run() throws IOException, GeneralSecurityException {
        try (KeyAdministration administration = Backends.openAdministration(configuration)) {
            createKey(administration);
            Key key = takeHandle();
            byte[] message = encrypt(key);
            showMessage(message);
            decrypt(key, message);
            rotate(administration, key, message);
            refuseChanged(key, message);
            refuseOtherContext(key);
        }
        say("");
        say("All steps held. What to do next:");
        say("  kms-envelope key create alias/orders              a key of your own");
        say("  kms-envelope encrypt --key alias/orders FILE      FILE.enc");
        say("  kms-envelope decrypt FILE.enc -o COPY             and back");
        say("  kms-envelope inspect FILE.enc                     what a message tells without a key");
        say("  kms-envelope doctor                               whether Java finds the provider, and how to add it");
    }

    private void createKey(KeyAdministration administration) throws IOException {
        step("Create the key " + ALIAS + " in the key service; here, the embedded one in a temporary directory.");
        KeyDescription key = administration.createKey(KeySpec.SYMMETRIC_DEFAULT, ALIAS);
        require(key.aliases().contains(ALIAS), "the new key has no alias");
        result("key " + key.id() + ", which will never leave the service");
    }

    private Key takeHandle() throws IOException, GeneralSecurityException {
        step("Take a handle to it from a KeyStore of type KMS, by plain JCA.");
        KeyStore keys = KeyStore.getInstance("KMS");
        keys.load(new KmsLoadStoreParameter(configuration));
        Key key = keys.getKey(ALIAS.value(), null);
        require(key != null && key.getEncoded() == null, "the KeyStore gave no opaque key");
        result("algorithm " + key.getAlgorithm() + ", getEncoded() is null: there is nothing to steal from a handle");
        return key;
    }

    private byte[] encrypt(Key key) throws IOException, GeneralSecurityException {
        step("Encrypt with Cipher.getInstance(\"AES/GCM/NoPadding\"), no provider named.");
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, key);
        byte[] message = cipher.doFinal(PLAINTEXT);
        require(!contains(message, PLAINTEXT), "the message shows its plaintext");
        result(PLAINTEXT.length + " bytes became a message of " + message.length + ", made by "
                + cipher.getProvider().getName());
        return message;
    }

    private void showMessage(byte[] message) throws IOException, InvalidMessageException {
        step("Look at the message without any key.");
        ByteArrayInputStream in = new ByteArrayInputStream(message);
        MessageHeader header = MessageHeader.read(in, HeaderLimits.DEFAULT);
        MessageReport report = new MessageReport(header, Structure.read(header, in), null);
        require(report.structure().state() == Structure.State.COMPLETE, "the message is not complete");
        for (String line : report.toLines()) {
            result(line);
        }
        result("The data key in it is encrypted under " + ALIAS + "; the plaintext under the data key.");
    }

    private void decrypt(Key key, byte[] message) throws IOException, GeneralSecurityException {
        step("Decrypt it: the service decrypts the data key, the data key the message.");
        require(Arrays.equals(open(key, message), PLAINTEXT), "the plaintext is another one");
        result(TEXT);
    }

    private void rotate(KeyAdministration administration, Key key, byte[] message)
            throws IOException, GeneralSecurityException {
        step("Rotate the key: new messages use new key material, old messages still open.");
        String version = administration
                .rotate(ALIAS)
                .currentVersion()
                .map(KeyDescription.KeyVersion::id)
                .orElse("");
        require(version.equals("2"), "the key has no second version");
        byte[] newer = seal(key, EnvelopeParameterSpec.builder().build());
        require(Arrays.equals(open(key, newer), PLAINTEXT), "the new message does not open");
        require(Arrays.equals(open(key, message), PLAINTEXT), "the old message does not open");
        result("version " + version + " encrypts now, and the message of step 3 still opens");
    }

    private void refuseChanged(Key key, byte[] message) throws IOException, GeneralSecurityException {
        step("Change one bit of the message.");
        byte[] changed = message.clone();
        changed[changed.length - 1] ^= 1;
        result("refused: " + refusal(() -> open(key, changed)));
    }

    private void refuseOtherContext(Key key) throws IOException, GeneralSecurityException {
        step("Encrypt for tenant a, by the encryption context; try to open it as tenant b.");
        byte[] message = seal(key, TENANT_A);
        require(Arrays.equals(open(key, message, TENANT_A), PLAINTEXT), "tenant a cannot open its message");
        result("refused: " + refusal(() -> open(key, message, TENANT_B)));
    }

    private static byte[] seal(Key key, EnvelopeParameterSpec parameters) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("Envelope");
        cipher.init(Cipher.ENCRYPT_MODE, key, parameters);
        return cipher.doFinal(PLAINTEXT);
    }

    private static byte[] open(Key key, byte[] message) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, key);
        return cipher.doFinal(message);
    }

    private static byte[] open(Key key, byte[] message, EnvelopeParameterSpec parameters)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("Envelope");
        cipher.init(Cipher.DECRYPT_MODE, key, parameters);
        return cipher.doFinal(message);
    }

    private interface Attempt {
        byte[] run() throws GeneralSecurityException;
    }

    private static String refusal(Attempt attempt) throws GeneralSecurityException {
        try {
            attempt.run();
        } catch (AEADBadTagException e) {
            return String.valueOf(e.getMessage());
        }
        throw new IllegalStateException("it opened, and must not");
    }

    private static boolean contains(byte[] all, byte[] part) {
        for (int i = 0; i + part.length <= all.length; i++) {
            if (Arrays.equals(all, i, i + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }

    private static void require(boolean held, String otherwise) {
        if (!held) {
            throw new IllegalStateException(otherwise);
        }
    }

    private void step(String what) throws IOException {
        step++;
        say((step == 1 ? "" : System.lineSeparator()) + step + ". " + what);
    }

    private void result(String what) throws IOException {
        say("   " + what);
    }

    private void say(String line) throws IOException {
        stdio.println(line);
    }
}
