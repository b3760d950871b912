package dev.kmsenvelope.provider;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingParameters;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingParameters.HashType;
import com.google.crypto.tink.streamingaead.StreamingAeadConfig;
import com.google.crypto.tink.streamingaead.StreamingAeadParameters;
import dev.kmsenvelope.testing.AeadKeyService;
import dev.kmsenvelope.testing.Ciphers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import org.junit.jupiter.api.BeforeAll;

/** Keysets and streams, ours and Tink's, for tests of both. */
abstract class TinkStreams {

    static final String TINK = TinkEnvelopeTest.TINK;
    static final byte[] AAD = {1, 2, 3};
    static final byte[] KEYSET_AAD = {(byte) 0xAB, 0, 7};
    static final byte[] NONE = {};
    static final int SEGMENT = 64;
    static final int HEADER = 24;
    static final int TAG = 16;

    final AeadKeyService service = AeadKeyService.create();
    final KmsSecretKey handle = Ciphers.handle(service, AeadKeyService.KEY);

    @BeforeAll
    static void register() throws Exception {
        StreamingAeadConfig.register();
    }

    /** Small segments, so that few bytes make many of them. */
    static StreamingAeadParameters small(HashType hash) throws GeneralSecurityException {
        return AesGcmHkdfStreamingParameters.builder()
                .setKeySizeBytes(32)
                .setDerivedAesGcmKeySizeBytes(16)
                .setHkdfHashType(hash)
                .setCiphertextSegmentSizeBytes(SEGMENT)
                .build();
    }

    static KeysetHandle keyset(StreamingAeadParameters... all) throws GeneralSecurityException {
        KeysetHandle.Builder builder = KeysetHandle.newBuilder();
        for (int i = 0; i < all.length; i++) {
            KeysetHandle.Builder.Entry entry =
                    KeysetHandle.generateEntryFromParameters(all[i]).withRandomId();
            builder.addEntry(i == 0 ? entry.makePrimary() : entry);
        }
        return builder.build();
    }

    TinkParameterSpec spec(KeysetHandle keyset) throws GeneralSecurityException {
        return TinkParameterSpec.ofKeyset(
                TinkProtoKeysetFormat.serializeEncryptedKeyset(
                        keyset, service.aead(), KEYSET_AAD, RegistryConfiguration.get()),
                KEYSET_AAD);
    }

    static StreamingAead streaming(KeysetHandle keyset) throws GeneralSecurityException {
        return keyset.getPrimitive(RegistryConfiguration.get(), StreamingAead.class);
    }

    static byte[] theirs(KeysetHandle keyset, byte[] plaintext, byte[] aad) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream stream = streaming(keyset).newEncryptingStream(out, aad)) {
            stream.write(plaintext);
        }
        return out.toByteArray();
    }

    static byte[] openedByTink(KeysetHandle keyset, byte[] message, byte[] aad) throws Exception {
        try (InputStream in = streaming(keyset).newDecryptingStream(new ByteArrayInputStream(message), aad)) {
            return in.readAllBytes();
        }
    }

    byte[] ours(TinkParameterSpec spec, byte[] plaintext) throws GeneralSecurityException {
        return TinkEnvelopeTest.encrypt(handle, spec, plaintext, AAD);
    }

    byte[] opened(TinkParameterSpec spec, byte[] message) throws GeneralSecurityException {
        return TinkEnvelopeTest.decrypt(handle, spec, message, AAD);
    }
}
