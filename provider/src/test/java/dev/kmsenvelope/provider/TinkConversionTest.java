package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.KmsEnvelopeAead;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import com.google.crypto.tink.streamingaead.PredefinedStreamingAeadParameters;
import dev.kmsenvelope.testing.Ciphers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is converted, with Tink on the other side. */
class TinkConversionTest extends TinkStreams {

    private static byte[] convert(EnvelopeChannels from, EnvelopeChannels to, byte[] message) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        MessageConversion.of(from, to).run(new ByteArrayInputStream(message), out);
        return out.toByteArray();
    }

    @Test
    @DisplayName("What Tink wrote in one of its formats, it opens when it was converted to the other, and back")
    void bothFormats() throws Exception {
        Aead tink = KmsEnvelopeAead.create(PredefinedAeadParameters.AES256_GCM, service.aead());
        KeysetHandle keyset = keyset(PredefinedStreamingAeadParameters.AES256_GCM_HKDF_4KB);
        EnvelopeChannels envelope =
                EnvelopeChannels.of(handle).format(EnvelopeFormat.TINK).withAad(AAD);
        EnvelopeChannels stream = envelope.with(spec(keyset));
        for (int size : new int[] {0, 1, 4096, 100_000}) {
            byte[] text = Ciphers.random(size);
            byte[] streamed = convert(envelope, stream, tink.encrypt(text, AAD));
            assertThat(openedByTink(keyset, streamed, AAD)).isEqualTo(text);
            byte[] enveloped = convert(stream, envelope, theirs(keyset, text, AAD));
            assertThat(tink.decrypt(enveloped, AAD)).isEqualTo(text);
            assertThat(tink.decrypt(convert(stream, envelope, streamed), AAD)).isEqualTo(text);
        }
    }
}
