package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.provider.DiscoveryFilter;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyServices;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RULES 14: a message names keys of an account that the service can reach, but that it does not list as its own. */
class MessageKeyTest {

    private static final String MINE = "arn:aws:kms:eu-west-1:111122223333:key/mine";
    private static final String THEIRS = "arn:aws:kms:eu-west-1:444455556666:key/theirs";
    private static final byte[] TEXT = {1, 2, 3};

    @TempDir
    private Path directory;

    private KeyService real;
    private final List<String> calls = new ArrayList<>();
    private Callable<Object> list = List::of;

    @BeforeEach
    void openService() throws Exception {
        char[] password = "changeit".toCharArray();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        for (String name : List.of(MINE, THEIRS)) {
            byte[] key = new byte[32];
            key[0] = (byte) name.length();
            keys.setKeyEntry(name, new SecretKeySpec(key, "AES"), password, null);
        }
        Path file = directory.resolve("keys.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            keys.store(out, password);
        }
        Path passwordFile = Files.writeString(directory.resolve("password"), "changeit");
        real = Backends.openService(Configuration.of(Map.of(
                "backend", "application",
                "application.keystore", file.toString(),
                "application.password-file", passwordFile.toString())));
    }

    private KeyServices services() {
        KeyService reaching = (KeyService) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {KeyService.class}, (proxy, method, arguments) -> {
                    calls.add(method.getName());
                    if (method.getName().equals("list")) {
                        return list.call();
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return KeyServices.of(reaching, Map.of());
    }

    private byte[] message(String key, String... recipients) throws Exception {
        List<KmsSecretKey> further = new ArrayList<>();
        for (String recipient : recipients) {
            further.add(handle(recipient));
        }
        return cipher(
                        Cipher.ENCRYPT_MODE,
                        handle(key).withRecipients(further),
                        EnvelopeParameterSpec.builder().build(),
                        new byte[0])
                .doFinal(TEXT);
    }

    private KmsSecretKey handle(String key) {
        return KmsSecretKey.of(real, KeyId.of(key), KeyPolicy.of(Configuration.empty(), KeyId.of(key)));
    }

    private byte[] open(byte[] message, DiscoveryFilter discovery, String... settings) throws Exception {
        calls.clear();
        Configuration configuration =
                settings.length == 0 ? Configuration.empty() : Configuration.of(Map.of(settings[0], settings[1]));
        Handles handles = new Handles(services(), configuration, discovery);
        KmsSecretKey key = new MessageKey(handles).of(new ByteArrayInputStream(message));
        return cipher(Cipher.DECRYPT_MODE, key, EnvelopeParameterSpec.builder().build(), new byte[0])
                .doFinal(message);
    }

    private static DiscoveryFilter account(String account) {
        return DiscoveryFilter.of("aws", List.of(account));
    }

    private void assertRefused(byte[] message, DiscoveryFilter discovery) {
        assertThatThrownBy(() -> open(message, discovery))
                .isInstanceOfSatisfying(
                        InvalidMessageException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.WRONG_KEY))
                .hasMessageContainingAll("--discover", "--key arn:aws:kms:");
        assertThat(calls).doesNotContain("decrypt").containsOnlyOnce("list");
    }

    @Test
    @DisplayName("It is refused without a request to decrypt, and the error says how to open it all the same")
    void refused() throws Exception {
        assertRefused(message(MINE), null);
        assertRefused(message(MINE, THEIRS), null);
        assertRefused(message(THEIRS), account("111122223333"));
    }

    @Test
    @DisplayName("It opens when its account is allowed, and then only by keys of that account")
    void discovered() throws Exception {
        assertThat(open(message(MINE), account("111122223333"))).isEqualTo(TEXT);
        assertThat(calls).as("no need to list").doesNotContain("list");
        assertThat(open(message(THEIRS, MINE), account("111122223333"))).isEqualTo(TEXT);
        assertThat(calls).containsOnlyOnce("decrypt");
    }

    @Test
    @DisplayName("It opens when there are settings for the key, or the service lists it")
    void configuredOrListed() throws Exception {
        assertThat(open(message(MINE), null, "key." + MINE + ".usage", "decrypt"))
                .isEqualTo(TEXT);
        list = real::list;
        assertThat(open(message(THEIRS, MINE), null)).isEqualTo(TEXT);
    }

    @Test
    @DisplayName("Moving many messages, which are for none of the keys that a service lists, lists them once")
    void listedOnce() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("messages"));
        for (String name : List.of("one", "two", "three")) {
            Files.write(folder.resolve(name), message(THEIRS));
        }
        for (Configuration configuration :
                List.of(Configuration.empty(), Configuration.of(Map.of("key." + MINE + ".usage", "decrypt")))) {
            calls.clear();
            ReencryptSummary summary = new ReencryptSummary(false);
            try (Progress progress = Progress.start("reencrypt", OptionalLong.empty(), true)) {
                ReencryptRun.Plan plan = new ReencryptRun.Plan(
                        null, null, List.of(), EncryptionContext.empty(), new byte[0], new MoveOptions());
                Stdio stdio = new Stdio(
                        InputStream.nullInputStream(),
                        OutputStream.nullOutputStream(),
                        new PrintWriter(Writer.nullWriter()));
                new MessageFiles(List.of(folder))
                        .visit(new ReencryptRun(
                                stdio,
                                new Handles(services(), configuration, null),
                                plan,
                                summary,
                                progress,
                                3,
                                false));
            }
            assertThat(summary.toJson().get("failed").getAsInt()).isEqualTo(3);
            assertThat(calls).containsOnlyOnce("list");
        }
    }

    @Test
    @DisplayName("RULES 19: when it cannot be known whether a key is listed, that is the failure")
    void listFails() throws Exception {
        byte[] message = message(MINE);
        list = () -> {
            throw new KmsUnavailableException("down");
        };
        assertThatThrownBy(() -> open(message, null)).isInstanceOf(KmsUnavailableException.class);
        assertThat(open(message, account("111122223333"))).isEqualTo(TEXT);
    }

    private static Cipher cipher(int mode, SecretKey key, EnvelopeParameterSpec parameters, byte[] aad)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("Envelope", new KmsEnvelopeProvider());
        cipher.init(mode, key, parameters);
        if (aad.length > 0) {
            cipher.updateAAD(aad);
        }
        return cipher;
    }
}
