package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.format.EncryptedDataKeyEntry;
import dev.kmsenvelope.format.RawAesKeyInfo;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.Backends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewrapTest {

    private static final SecretKeySpec DATA_KEY =
            new SecretKeySpec(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, "HmacSHA256");

    @TempDir
    private Path directory;

    private Cli cli;
    private String file;

    @BeforeEach
    void makeKeys() throws IOException {
        cli = new Cli(directory).withKey();
        cli.run("key", "create", "alias/next").ok();
        file = cli.file("key").toString();
    }

    private byte[] cipher(int mode, String key, Map<String, String> context, byte[] wrapped) throws Exception {
        try (KeyService service =
                Backends.openService(Configuration.read(cli.settings().toString()))) {
            KeyId id = KeyId.of(key);
            Cipher cipher = Cipher.getInstance("AESWrap", new KmsEnvelopeProvider());
            cipher.init(
                    mode,
                    KmsSecretKey.of(service, id, KeyPolicy.of(Configuration.empty(), id)),
                    EnvelopeParameterSpec.builder().context(context).build());
            return mode == Cipher.WRAP_MODE
                    ? cipher.wrap(DATA_KEY)
                    : cipher.unwrap(wrapped, "HmacSHA256", Cipher.SECRET_KEY).getEncoded();
        }
    }

    private byte[] wrap(Map<String, String> context) throws Exception {
        return cipher(Cipher.WRAP_MODE, Cli.KEY, context, new byte[0]);
    }

    private byte[] unwrap(String key, Map<String, String> context, byte[] wrapped) throws Exception {
        return cipher(Cipher.UNWRAP_MODE, key, context, wrapped);
    }

    private static String keyName(byte[] wrapped) throws Exception {
        return RawAesKeyInfo.parse(EncryptedDataKeyEntry.parse(wrapped).providerInfo())
                .keyName();
    }

    @Test
    void theNewestVersionIsTheDefault() throws Exception {
        cli.write("key", wrap(Map.of()));
        assertThat(keyName(cli.read("key"))).endsWith("/1");
        cli.run("key", "rotate", Cli.KEY).ok();
        Cli.Result result = cli.run("rewrap", "--key", Cli.KEY, file).ok();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEmpty();
        assertThat(keyName(cli.read("key"))).endsWith("/2");
        assertThat(unwrap(Cli.KEY, Map.of(), cli.read("key"))).isEqualTo(DATA_KEY.getEncoded());
        assertThat(cli.listing()).containsExactly("key");
    }

    @Test
    void anotherKeyAndContext() throws Exception {
        cli.write("key", wrap(Map.of("tenant", "a")));
        cli.run(
                        "rewrap",
                        "--key",
                        Cli.KEY,
                        "--to",
                        "alias/next",
                        "--context",
                        "tenant=a",
                        "--to-context",
                        "tenant=b",
                        file)
                .ok();
        assertThat(unwrap("alias/next", Map.of("tenant", "b"), cli.read("key"))).isEqualTo(DATA_KEY.getEncoded());
        cli.run("rewrap", "--key", "alias/next", "--context", "tenant=b", file).ok();
        assertThat(unwrap("alias/next", Map.of("tenant", "b"), cli.read("key"))).isEqualTo(DATA_KEY.getEncoded());
    }

    @Test
    void textStaysText() throws Exception {
        byte[] wrapped = wrap(Map.of());
        for (String text : new String[] {
            Base64.getEncoder().encodeToString(wrapped),
            Base64.getEncoder().encodeToString(wrapped) + "\n",
            Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(wrapped) + "\n",
            Base64.getMimeEncoder().encodeToString(wrapped) + "\r\n"
        }) {
            cli.write("key", text.getBytes(StandardCharsets.US_ASCII));
            cli.run("rewrap", "--key", Cli.KEY, file).ok();
            String after = new String(cli.read("key"), StandardCharsets.US_ASCII);
            assertThat(after).isNotEqualTo(text).hasSameSizeAs(text);
            assertThat(after.replaceAll("[^\r\n]", "x")).isEqualTo(text.replaceAll("[^\r\n]", "x"));
            byte[] decoded = Base64.getMimeDecoder().decode(after);
            assertThat(unwrap(Cli.KEY, Map.of(), decoded)).isEqualTo(DATA_KEY.getEncoded());
        }
    }

    @Test
    void wrongFilesStayAsTheyAre() throws Exception {
        byte[] wrapped = wrap(Map.of("tenant", "a"));
        byte[] changed = wrapped.clone();
        changed[changed.length - 1] ^= 1;
        for (byte[] wrong : new byte[][] {wrapped, changed, {1}, "hello, world".getBytes(StandardCharsets.US_ASCII)}) {
            cli.write("key", wrong);
            cli.run("rewrap", "--key", Cli.KEY, file).failed(ExitCode.MESSAGE, "cannot be unwrapped");
            assertThat(cli.read("key")).isEqualTo(wrong);
        }
        cli.write("key", wrapped);
        cli.run("rewrap", "--key", "alias/next", "--context", "tenant=a", file)
                .failed(ExitCode.MESSAGE, "cannot be unwrapped");
        cli.write("key", new byte[0]);
        cli.run("rewrap", "--key", Cli.KEY, file).failed(ExitCode.USAGE, "1 to 524288 bytes");
        cli.run("rewrap", "--key", Cli.KEY, cli.file("none").toString()).failed(ExitCode.IO, "no such file");
        cli.run("rewrap", "--key", "alias/none", file).failed(ExitCode.KEY_SERVICE, "alias/none");
        assertThat(cli.listing()).containsExactly("key");
    }

    @Test
    void whatAHandleMayNotDoIsNotDone() throws Exception {
        byte[] wrapped = wrap(Map.of());
        Files.write(cli.file("key"), wrapped);
        cli.configure("key." + Cli.KEY + ".usage = decrypt");
        cli.run("rewrap", "--key", Cli.KEY, file).failed(ExitCode.KEY_SERVICE, "may not encrypt");
        cli.configure("key." + Cli.KEY + ".usage = encrypt");
        cli.run("rewrap", "--key", Cli.KEY, "--to", "alias/next", file).failed(ExitCode.KEY_SERVICE, "may not decrypt");
        assertThat(cli.read("key")).isEqualTo(wrapped);
    }
}
