package dev.kmsenvelope.provider;

import static dev.kmsenvelope.testing.DualMessages.INNER;

import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.DualMessages;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import org.jspecify.annotations.Nullable;

/** Messages of every format under one key, what names each, and the ways to open them. */
final class DetectedMessages {

    static final String ALL = "esdk, tink, dual";
    static final int KEY_ID = 0x01020304;

    /** All that there are settings for besides, so that the messages of version 1 are read where ESDK is. */
    private static final String[] SETTINGS = {
        "esdk.commitment-policy", "require-encrypt-allow-decrypt", "decrypt.formats", ALL
    };

    final InMemoryKeyService service = DualMessages.service();
    final byte[] keyset;

    DetectedMessages() throws GeneralSecurityException {
        keyset = TinkStreamingTemplate.AES128_GCM_HKDF_4KB.newKeyset(handle(ALL), new byte[0]);
    }

    KmsSecretKey handle(String formats, String... more) {
        List<String> settings = new ArrayList<>(List.of(SETTINGS));
        settings.set(3, formats);
        settings.addAll(List.of(more));
        return DualMessages.handle(service, settings.toArray(String[]::new));
    }

    /** What there is to tell apart. */
    enum Kind {
        ESDK(EnvelopeFormat.ESDK),
        ESDK_1(EnvelopeFormat.ESDK),
        TINK(EnvelopeFormat.TINK),
        TINK_PREFIX(EnvelopeFormat.TINK),
        TINK_STREAM(EnvelopeFormat.TINK),
        DUAL(EnvelopeFormat.DUAL),
        S3EC(EnvelopeFormat.S3EC);

        final EnvelopeFormat format;

        Kind(EnvelopeFormat format) {
            this.format = format;
        }

        String transformation() {
            return "Envelope/" + format + "/NoPadding";
        }

        /** Whether first bytes tell it. */
        boolean isDetectable() {
            return this != S3EC;
        }
    }

    /** What has to be given so that the kind is opened; null for nothing. */
    @Nullable
    AlgorithmParameterSpec spec(Kind kind) throws GeneralSecurityException {
        return switch (kind) {
            case TINK_STREAM -> TinkParameterSpec.ofKeyset(keyset);
            case S3EC ->
                S3EncryptionMetadata.of(
                        S3Objects.encrypt(handle(ALL), new byte[9]).metadata());
            default -> null;
        };
    }

    byte[] message(Kind kind, byte[] plaintext) throws GeneralSecurityException {
        return switch (kind) {
            case ESDK ->
                Ciphers.ours("Envelope", Cipher.ENCRYPT_MODE, handle(ALL), Ciphers.frames(64))
                        .doFinal(plaintext);
            case ESDK_1 -> {
                KmsSecretKey old = Ciphers.handle(
                        service,
                        INNER,
                        "esdk.commitment-policy",
                        "forbid-encrypt-allow-decrypt",
                        "esdk.suite",
                        "0178",
                        "frame-length",
                        "64");
                yield Ciphers.encrypt(old, plaintext);
            }
            case TINK -> encrypt(kind, null, plaintext);
            case TINK_PREFIX -> encrypt(kind, TinkParameterSpec.ofKeyId(KEY_ID), plaintext);
            case TINK_STREAM -> encrypt(kind, TinkParameterSpec.ofKeyset(keyset), plaintext);
            case DUAL -> encrypt(kind, Ciphers.frames(64), plaintext);
            case S3EC -> S3Objects.encrypt(handle(ALL), plaintext).body();
        };
    }

    private byte[] encrypt(Kind kind, @Nullable AlgorithmParameterSpec spec, byte[] plaintext)
            throws GeneralSecurityException {
        return Ciphers.ours(kind.transformation(), Cipher.ENCRYPT_MODE, handle(ALL), spec)
                .doFinal(plaintext);
    }

    /** How a message gets to a reader. */
    enum Way {
        ONE_SHOT,
        BYTES,
        SEVENS,
        ARRAYS,
        STREAM,
        CHANNELS;

        /** Opens a message; what comes out is written, also where an exception follows. */
        void open(
                String transformation,
                KmsSecretKey key,
                @Nullable AlgorithmParameterSpec spec,
                byte[] message,
                ByteArrayOutputStream out)
                throws GeneralSecurityException, IOException {
            if (this == CHANNELS) {
                channels(transformation, key, spec).decrypt(new ByteArrayInputStream(message), out);
                return;
            }
            Cipher cipher = Ciphers.ours(transformation, Cipher.DECRYPT_MODE, key, spec);
            switch (this) {
                case ONE_SHOT -> out.writeBytes(cipher.doFinal(message));
                case BYTES -> inPieces(cipher, message, 1, out);
                case SEVENS -> inPieces(cipher, message, 7, out);
                case ARRAYS -> intoArrays(cipher, message, out);
                default -> {
                    try (InputStream in = new CipherInputStream(new ByteArrayInputStream(message), cipher)) {
                        in.transferTo(out);
                    }
                }
            }
        }
    }

    private static void inPieces(Cipher cipher, byte[] message, int piece, ByteArrayOutputStream out)
            throws GeneralSecurityException {
        for (int at = 0; at < message.length; at += piece) {
            byte[] given = cipher.update(message, at, Math.min(piece, message.length - at));
            out.writeBytes(given == null ? new byte[0] : given);
        }
        out.writeBytes(cipher.doFinal());
    }

    /** Into arrays of the size that the cipher asks for: one of three bytes, and the rest. */
    private static void intoArrays(Cipher cipher, byte[] message, ByteArrayOutputStream out)
            throws GeneralSecurityException {
        int first = Math.min(3, message.length);
        byte[] start = new byte[cipher.getOutputSize(first)];
        out.write(start, 0, cipher.update(message, 0, first, start));
        byte[] rest = new byte[cipher.getOutputSize(message.length - first)];
        out.write(rest, 0, cipher.doFinal(message, first, message.length - first, rest));
    }

    private static EnvelopeChannels channels(
            String transformation, KmsSecretKey key, @Nullable AlgorithmParameterSpec spec)
            throws GeneralSecurityException {
        EnvelopeChannels channels = EnvelopeChannels.of(key);
        String[] parts = transformation.split("/", -1);
        if (parts[0].equals("Envelope") && parts.length > 1) {
            channels = channels.format(EnvelopeFormat.valueOf(parts[1]));
        }
        if (spec instanceof TinkParameterSpec tink) {
            return channels.with(tink);
        }
        return spec instanceof S3EncryptionMetadata metadata
                ? channels.with(
                        EnvelopeParameterSpec.builder().s3Metadata(metadata).build())
                : channels;
    }
}
