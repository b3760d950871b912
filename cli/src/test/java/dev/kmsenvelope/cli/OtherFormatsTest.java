package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.EnvelopeChannels;
import dev.kmsenvelope.provider.EnvelopeFormat;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.provider.TinkParameterSpec;
import dev.kmsenvelope.provider.TinkStreamingTemplate;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What inspect tells of messages of other formats, and which of them decrypt opens. */
class OtherFormatsTest {

    private static final byte[] TEXT = "quarterly figures".getBytes(StandardCharsets.UTF_8);
    private static final int KEY_ID = 0xFEDCBA98;

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeEach
    void makeKey() throws IOException {
        cli = new Cli(directory).withKey();
    }

    private interface Format {
        EnvelopeChannels of(KmsSecretKey key) throws Exception;
    }

    private byte[] message(Format format) throws Exception {
        Configuration configuration = Configuration.read(cli.settings().toString());
        KeyId id = KeyId.of(Cli.KEY);
        try (KeyServices services = KeyServices.openLazily(configuration)) {
            KmsSecretKey key = KmsSecretKey.of(services, KeyReference.ofMain(id), KeyPolicy.of(configuration, id));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            format.of(key).encrypt(new ByteArrayInputStream(TEXT), out);
            return out.toByteArray();
        }
    }

    private byte[] tink() throws Exception {
        return message(key -> EnvelopeChannels.of(key).format(EnvelopeFormat.TINK));
    }

    private byte[] prefixed() throws Exception {
        return message(key -> EnvelopeChannels.of(key).with(TinkParameterSpec.ofKeyId(KEY_ID)));
    }

    private byte[] stream() throws Exception {
        return message(key -> EnvelopeChannels.of(key)
                .with(TinkParameterSpec.ofKeyset(
                        TinkStreamingTemplate.AES256_GCM_HKDF_4KB.newKeyset(key, TEXT), TEXT)));
    }

    private static JsonObject json(byte[] input, int code) {
        Cli.Result result = Cli.bare(input, "inspect", "--json");
        assertThat(result.code()).as(result.err()).isEqualTo(code);
        return JsonParser.parseString(result.text()).getAsJsonObject();
    }

    @Test
    @DisplayName("inspect: an envelope message of Tink, without and with a prefix, by its first bytes")
    void envelopes() throws Exception {
        byte[] plain = tink();
        assertThat(Cli.bare(plain, "inspect").ok().text())
                .contains("Tink KmsEnvelopeAead message; not verified", "one in 2^12", "Prefix      none")
                .contains(TEXT.length + " bytes of plaintext");
        JsonObject report = json(plain, 0);
        assertThat(report.keySet())
                .containsExactly(
                        "format",
                        "verified",
                        "certain",
                        "told",
                        "committing",
                        "encryptedDataKeyLength",
                        "body",
                        "length");
        assertThat(report.get("certain").getAsBoolean()).isFalse();
        assertThat(report.get("length").getAsInt()).isEqualTo(plain.length);
        assertThat(report.get("encryptedDataKeyLength").getAsInt()).isEqualTo(plain.length - 4 - 12 - 16 - TEXT.length);
        byte[] prefixed = prefixed();
        assertThat(Cli.bare(prefixed, "inspect").ok().text()).contains("key 4275878552 of a keyset", "one in 2^20");
        JsonObject withPrefix = json(prefixed, 0);
        assertThat(withPrefix.get("prefixKeyId").getAsLong()).isEqualTo(Integer.toUnsignedLong(KEY_ID));
        assertThat(withPrefix.getAsJsonObject("body").get("plaintextLength").getAsInt())
                .isEqualTo(TEXT.length);
        for (int length : new int[] {9, plain.length - TEXT.length - 1}) {
            byte[] cut = Arrays.copyOf(plain, length);
            assertThat(json(cut, 3).getAsJsonObject("body").get("structure").getAsString())
                    .isEqualTo("truncated");
            Cli.bare(cut, "inspect").failed(3, "ends before its tag");
        }
    }

    @Test
    @DisplayName("inspect: what may be a stream of Tink, and what nothing tells")
    void streamsAndUnknown() throws Exception {
        byte[] stream = stream();
        assertThat(Cli.bare(stream, "inspect")
                        .failed(3, "may be a stream of Tink", "keyset")
                        .text())
                .contains("Tink AES-GCM-HKDF stream", "40 bytes: AES-256");
        JsonObject report = json(stream, 3);
        assertThat(report.get("derivedKeyBits").getAsInt()).isEqualTo(256);
        assertThat(report.get("headerLength").getAsInt()).isEqualTo(40);
        byte[] body = new byte[50];
        body[0] = (byte) 0x9C;
        assertThat(Cli.bare(body, "inspect")
                        .failed(3, "9C", "x-amz-key-v2", "metadata")
                        .text())
                .contains("unknown");
        assertThat(json(body, 3).get("told").getAsString()).contains("x-amz-c");
        assertThat(json(body, 3).get("format").getAsString()).isEqualTo("unknown");
        Cli.bare(new byte[0], "inspect").failed(3, "header");
        Cli.bare(Arrays.copyOf(new byte[] {1, 2, 3}, 99), "inspect").failed(3, "01 80");
        Cli.bare(new byte[] {2}, "inspect").failed(3, "header");
    }

    @Test
    @DisplayName("decrypt opens what decrypt.formats has, where the key is named")
    void decrypt() throws Exception {
        byte[] esdk = cli.read(cli.message("data.enc", TEXT).getFileName().toString());
        cli.run("key", "create", "alias/outer").ok();
        byte[] dual = cli.read(cli.message("dual.enc", TEXT, "--dual", "--outer-key", "alias/outer")
                .getFileName()
                .toString());
        byte[][] others = {tink(), prefixed(), dual};
        for (byte[] message : others) {
            cli.run(message, "decrypt", "-k", Cli.KEY).failed(3, "decrypt.formats");
            cli.run(message, "decrypt").failed(3, "--key", "decrypt.formats");
        }
        cli.configure("decrypt.formats = esdk, tink, dual", "key." + Cli.KEY + ".outer-key = alias/outer");
        for (byte[] message : others) {
            assertThat(cli.run(message, "decrypt", "-k", Cli.KEY).ok().out()).isEqualTo(TEXT);
            cli.run(message, "decrypt").failed(3, "--key");
        }
        assertThat(cli.run(esdk, "decrypt").ok().out()).isEqualTo(TEXT);
        assertThat(cli.run(esdk, "decrypt", "-k", Cli.KEY).ok().out()).isEqualTo(TEXT);
        assertThat(cli.run(dual, "decrypt", "--dual", "-k", Cli.KEY).ok().out()).isEqualTo(TEXT);
        cli.run(esdk, "decrypt", "--dual", "-k", Cli.KEY).failed(3, "not a layer");
        cli.run(stream(), "decrypt", "-k", Cli.KEY).failed(3, "keyset");
        cli.configure("decrypt.formats = esdk, s3ec");
        cli.run(esdk, "decrypt", "-k", Cli.KEY).failed(2, "decrypt.formats", "metadata");
    }
}
