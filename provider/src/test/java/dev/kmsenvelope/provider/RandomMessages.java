package dev.kmsenvelope.provider;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingParameters.HashType;
import com.google.crypto.tink.streamingaead.StreamingAeadConfig;
import dev.kmsenvelope.testing.AeadKeyService;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.DualMessages;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Draws kinds of messages: format, key, parameters, and the sizes at which something changes. */
final class RandomMessages {

    private static final int MOST = 300_000;
    private static final byte[] KEYSET_AAD = {1, 2};
    private static final List<HashType> HASHES = List.of(HashType.SHA1, HashType.SHA256, HashType.SHA512);

    private final InMemoryKeyService service = DualMessages.service();
    private final AeadKeyService aead = AeadKeyService.create();
    private final KmsSecretKey tinkKey = Ciphers.handle(aead, AeadKeyService.KEY);
    private final KmsSecretKey spoolingTinkKey =
            Ciphers.handle(aead, AeadKeyService.KEY, "decrypt.hold", "100", "decrypt.spool", "1MiB");
    private final Map<TinkStreamingTemplate, TinkParameterSpec> templates = new HashMap<>();
    private final Map<HashType, TinkParameterSpec> small = new HashMap<>();

    RandomMessages() throws GeneralSecurityException {
        StreamingAeadConfig.register();
        for (TinkStreamingTemplate template : TinkStreamingTemplate.values()) {
            templates.put(template, TinkParameterSpec.ofKeyset(template.newKeyset(tinkKey, KEYSET_AAD), KEYSET_AAD));
        }
        for (HashType hash : HASHES) {
            KeysetHandle keyset = TinkStreams.keyset(TinkStreams.small(hash));
            small.put(
                    hash,
                    TinkParameterSpec.ofKeyset(TinkProtoKeysetFormat.serializeEncryptedKeyset(
                            keyset, aead.aead(), new byte[0], RegistryConfiguration.get())));
        }
    }

    /** What is drawn from. */
    enum Family {
        ESDK,
        TINK_ENVELOPE,
        TINK_STREAM,
        DUAL,
        S3EC
    }

    /**
     * One kind of message, and what a test needs to write and read one.
     *
     * @param text for people who look for a fault
     * @param tink parameters of Tink, or null
     * @param writing parameters of others, or of Tink where it has none of its own
     * @param unit plaintext bytes of a frame, segment or block
     * @param wireUnit how many bytes become of those
     */
    record Kind(
            String text,
            EnvelopeFormat format,
            String transformation,
            KmsSecretKey key,
            TinkParameterSpec tink,
            EnvelopeParameterSpec writing,
            byte[] aad,
            byte[] plaintext,
            int unit,
            int wireUnit) {

        AlgorithmParameterSpec toWrite() {
            return tink == null ? writing : tink;
        }

        /** Parameters to read with: what the format needs and, if that is asked for, all that a caller may ask for. */
        AlgorithmParameterSpec toRead(byte[] iv, S3EncryptionMetadata metadata, boolean asking) {
            if (tink != null) {
                return tink;
            }
            EnvelopeParameterSpec.Builder spec = EnvelopeParameterSpec.builder();
            writing.commitmentPolicy().ifPresent(spec::commitmentPolicy);
            if (metadata != null) {
                spec.s3Metadata(metadata);
            }
            if (asking) {
                spec.context(writing.context().asMap());
                if (metadata == null) {
                    spec.iv(iv);
                }
            }
            return spec.build();
        }

        EnvelopeChannels channels(AlgorithmParameterSpec spec) throws GeneralSecurityException {
            EnvelopeChannels channels = EnvelopeChannels.of(key).format(format).withAad(aad);
            return spec instanceof TinkParameterSpec own
                    ? channels.with(own)
                    : channels.with((EnvelopeParameterSpec) spec);
        }

        @Override
        public String toString() {
            return text + ", " + transformation + ", " + plaintext.length + " bytes, " + aad.length + " of AAD, "
                    + writing.context();
        }
    }

    Kind next(Family family, Random random) {
        return switch (family) {
            case ESDK -> esdk(random);
            case TINK_ENVELOPE -> tinkEnvelope(random);
            case TINK_STREAM -> tinkStream(random);
            case DUAL -> dual(random);
            case S3EC -> s3(random);
        };
    }

    private Kind esdk(Random random) {
        EsdkSuite suite = one(random, List.of(EsdkSuite.values()));
        int frame = frameLength(random);
        EnvelopeParameterSpec.Builder spec =
                EnvelopeParameterSpec.builder().suite(suite).frameLength(frame).context(context(random));
        if (!suite.isCommitting()) {
            spec.commitmentPolicy(CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT);
        } else if (random.nextBoolean()) {
            spec.iv(bytes(random, 12 + random.nextInt(5)));
        }
        List<String> names = List.of("Envelope", "Envelope/ESDK/NoPadding", "AES/GCM/NoPadding");
        return new Kind(
                "suite " + suite.hexId() + ", frames of " + frame,
                EnvelopeFormat.ESDK,
                one(random, names),
                handle(random, DualMessages.INNER),
                null,
                spec.build(),
                aad(random),
                plaintext(random, 0, frame),
                frame,
                frame + 32);
    }

    private Kind dual(Random random) {
        int frame = frameLength(random);
        EnvelopeParameterSpec.Builder spec =
                EnvelopeParameterSpec.builder().frameLength(frame).context(context(random));
        if (random.nextBoolean()) {
            spec.iv(bytes(random, 12 + random.nextInt(5)));
        }
        return new Kind(
                "frames of " + frame,
                EnvelopeFormat.DUAL,
                DualMessages.DUAL,
                handle(random, DualMessages.INNER, "key." + DualMessages.INNER + ".outer-key", DualMessages.OUTER),
                null,
                spec.build(),
                aad(random),
                plaintext(random, 0, frame),
                frame,
                frame + 32);
    }

    private Kind s3(Random random) {
        int version = random.nextBoolean() ? 2 : 3;
        return new Kind(
                "version " + version,
                EnvelopeFormat.S3EC,
                S3Objects.TRANSFORMATION,
                handle(random, DualMessages.INNER, S3Objects.POLICY, S3Objects.policy(version)),
                null,
                EnvelopeParameterSpec.builder().context(context(random)).build(),
                new byte[0],
                plaintext(random, 0, 16),
                16,
                16);
    }

    private Kind tinkEnvelope(Random random) {
        TinkParameterSpec prefix = random.nextBoolean() ? TinkParameterSpec.ofKeyId(random.nextInt()) : null;
        return tink(
                prefix == null ? "envelope" : "envelope with a prefix",
                prefix,
                random,
                plaintext(random, 0, 16),
                16,
                16);
    }

    private Kind tinkStream(Random random) {
        if (random.nextInt(3) > 0) {
            HashType hash = one(random, HASHES);
            int unit = TinkStreams.SEGMENT - TinkStreams.TAG;
            byte[] plaintext = plaintext(random, unit - TinkStreams.HEADER, unit);
            return tink("segments of 64, " + hash, small.get(hash), random, plaintext, unit, TinkStreams.SEGMENT);
        }
        TinkStreamingTemplate template = one(random, List.of(TinkStreamingTemplate.values()));
        int segment = template.name().endsWith("4KB") ? 4096 : 1 << 20;
        int header = template.name().startsWith("AES128") ? 24 : 40;
        byte[] plaintext = plaintext(random, segment - 16 - header, segment - 16);
        return tink(template.name(), templates.get(template), random, plaintext, segment - 16, segment);
    }

    private Kind tink(String text, TinkParameterSpec spec, Random random, byte[] plaintext, int unit, int wireUnit) {
        return new Kind(
                text,
                EnvelopeFormat.TINK,
                TinkEnvelopeTest.TINK,
                random.nextBoolean() ? tinkKey : spoolingTinkKey,
                spec,
                EnvelopeParameterSpec.builder().build(),
                aad(random),
                plaintext,
                unit,
                wireUnit);
    }

    private KmsSecretKey handle(Random random, String key, String... settings) {
        String[] holds = {"0", "100", "64KiB", "4MiB"};
        String[] all = Arrays.copyOf(settings, settings.length + 6);
        int at = settings.length;
        all[at] = "decrypt.hold";
        all[at + 1] = holds[random.nextInt(holds.length)];
        all[at + 2] = "decrypt.spool";
        all[at + 3] = "1MiB";
        all[at + 4] = "parallelism";
        all[at + 5] = "" + (1 + random.nextInt(3));
        return Ciphers.handle(service, key, all);
    }

    private static int frameLength(Random random) {
        int[] lengths = {1, 7, 16, 64, 1000, 4096, 65_536};
        return random.nextInt(4) == 0 ? 1 + random.nextInt(5000) : lengths[random.nextInt(lengths.length)];
    }

    private static Map<String, String> context(Random random) {
        Map<String, String> pairs = new HashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            pairs.put("name-" + random.nextInt(100), random.nextBoolean() ? "value" : "w\u00e4rt \"\\ \uD83D\uDD11");
        }
        return pairs;
    }

    private static byte[] aad(Random random) {
        return random.nextBoolean() ? new byte[0] : bytes(random, 1 + random.nextInt(100));
    }

    /** Of a size up to a few units, often just where a unit ends. */
    private static byte[] plaintext(Random random, int firstUnit, int unit) {
        int most = Math.min(MOST, 100 * unit);
        int size = switch (random.nextInt(5)) {
            case 0 -> random.nextInt(20);
            case 1 -> random.nextInt(most);
            case 2 -> firstUnit - 1 + random.nextInt(3);
            default -> firstUnit + unit * random.nextInt(unit > MOST ? 2 : 5) - 1 + random.nextInt(3);
        };
        return bytes(random, Math.max(0, size));
    }

    private static <T> T one(Random random, List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
