package dev.kmsenvelope.cli;

import dev.kmsenvelope.provider.EnvelopeChannels;
import dev.kmsenvelope.provider.EnvelopeFormat;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KmsSecretKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/** Encrypts and decrypts streams, in constant memory. When it throws, what was written must not be taken for the whole. */
final class CipherCopy {

    private CipherCopy() {}

    static void encrypt(
            KmsSecretKey key,
            EnvelopeFormat format,
            EnvelopeParameterSpec parameters,
            byte[] aad,
            InputStream in,
            OutputStream out,
            Progress progress)
            throws IOException, GeneralSecurityException {
        EnvelopeChannels.of(key)
                .format(format)
                .with(parameters)
                .withAad(aad)
                .encrypt(new CountedStream(in, progress), out);
    }

    /** Of the format that is given or, without one, of those that the settings allow. */
    static void decrypt(
            KmsSecretKey key,
            @Nullable EnvelopeFormat format,
            EnvelopeParameterSpec parameters,
            byte[] aad,
            InputStream in,
            OutputStream out,
            Progress progress)
            throws IOException, GeneralSecurityException {
        EnvelopeChannels detecting = EnvelopeChannels.of(key);
        EnvelopeChannels channels = format == null ? detecting : detecting.format(format);
        channels.with(parameters).withAad(aad).decrypt(new CountedStream(in, progress), out);
    }
}
