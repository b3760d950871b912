package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.KmsEnvelopeAead;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import com.google.crypto.tink.streamingaead.StreamingAeadConfig;
import dev.kmsenvelope.testing.AeadKeyService;
import dev.kmsenvelope.testing.Ciphers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The examples of docs/FORMAT-TINK.md. */
class TinkDocumentTest {

    private final AeadKeyService service = AeadKeyService.create();
    private final KmsSecretKey key = Ciphers.handle(service, AeadKeyService.KEY);
    private final byte[] associatedData = {1, 2, 3};
    private final byte[] plaintext = Ciphers.random(5000);

    /** Lines that the test runs stand in the document too. */
    private static void assertDocumented(String... lines) throws IOException {
        String document = Files.readString(Path.of("../docs/FORMAT-TINK.md")).replaceAll("\\s+", "");
        assertThat(Stream.of(lines).map(line -> line.replaceAll("\\s+", ""))).allMatch(document::contains);
    }

    @Test
    @DisplayName("An envelope message, and Tink's other side of it")
    void envelope() throws Exception {
        Cipher cipher = Ciphers.ours("Envelope/TINK/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, key);
        cipher.updateAAD(associatedData);
        byte[] message = cipher.doFinal(plaintext);

        assertThat(KmsEnvelopeAead.create(PredefinedAeadParameters.AES256_GCM, service.aead())
                        .decrypt(message, associatedData))
                .isEqualTo(plaintext);
        assertDocumented(
                "cipher.init(Cipher.ENCRYPT_MODE, key);",
                "cipher.updateAAD(associatedData);",
                "byte[] message = cipher.doFinal(plaintext);",
                "KmsEnvelopeAead.create(PredefinedAeadParameters.AES256_GCM,");
    }

    @Test
    @DisplayName("A stream, and Tink's other side of it")
    void stream() throws Exception {
        StreamingAeadConfig.register();
        byte[] keysetAad = {9};
        ByteArrayInputStream in = new ByteArrayInputStream(plaintext);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] keyset = TinkStreamingTemplate.AES256_GCM_HKDF_1MB.newKeyset(key, keysetAad);
        EnvelopeChannels channels = EnvelopeChannels.of(key)
                .with(TinkParameterSpec.ofKeyset(keyset, keysetAad))
                .withAad(associatedData);
        channels.encrypt(in, out);

        StreamingAead tink = TinkProtoKeysetFormat.parseEncryptedKeyset(
                        keyset, service.aead(), keysetAad, RegistryConfiguration.get())
                .getPrimitive(RegistryConfiguration.get(), StreamingAead.class);
        assertThat(tink.newDecryptingStream(new ByteArrayInputStream(out.toByteArray()), associatedData)
                        .readAllBytes())
                .isEqualTo(plaintext);
        assertDocumented(
                "byte[] keyset = TinkStreamingTemplate.AES256_GCM_HKDF_1MB.newKeyset(key, keysetAad);",
                "EnvelopeChannels channels = EnvelopeChannels.of(key)"
                        + ".with(TinkParameterSpec.ofKeyset(keyset, keysetAad)).withAad(associatedData);",
                "channels.encrypt(in, out);");
    }
}
