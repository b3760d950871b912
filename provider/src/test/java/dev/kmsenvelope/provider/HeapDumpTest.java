package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.provider.HeapDumpProgram.Way;
import dev.kmsenvelope.testing.ByteSearch;
import dev.kmsenvelope.testing.ChildJvm;
import dev.kmsenvelope.testing.MaskedKeyService;
import dev.kmsenvelope.testing.Messages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * RULES 16, by dumps of the heap of a process that used data keys: what is known here, and there in the library only, is
 * looked for, byte by byte and in Base64. All ciphers of that process are reachable when it is dumped.
 */
class HeapDumpTest {

    private static final byte[] DERIVE_KEY = {4, 0x78, 'D', 'E', 'R', 'I', 'V', 'E', 'K', 'E', 'Y'};

    @TempDir
    private Path directory;

    private final Map<Way, byte[]> dataKeys = new EnumMap<>(Way.class);

    @BeforeEach
    void run() throws Exception {
        List<String> arguments = new ArrayList<>(List.of(directory.toString()));
        for (Way way : Way.values()) {
            byte[] dataKey = new byte[32];
            new SecureRandom().nextBytes(dataKey);
            dataKeys.put(way, dataKey);
            arguments.add(HexFormat.of().formatHex(MaskedKeyService.mask(dataKey)));
        }
        // Else the collector leaves some objects that nobody refers to where they are, and they are dumped as its
        // filling.
        ChildJvm.java()
                .quick()
                .with("-XX:MarkSweepAlwaysCompactCount=1")
                .run(HeapDumpProgram.class, arguments.toArray(String[]::new));
    }

    private ByteSearch search() throws Exception {
        ByteSearch search = new ByteSearch();
        for (Way way : Way.values()) {
            search.secret(way + ": data key", dataKeys.get(way));
            for (int i = 0; i < HeapDumpProgram.MESSAGES; i++) {
                byte[] message = Files.readAllBytes(HeapDumpProgram.file(directory, way, i));
                HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new SHA512Digest());
                byte[] pseudorandomKey =
                        hkdf.extractPRK(Messages.header(message).messageId(), dataKeys.get(way));
                hkdf.init(HKDFParameters.skipExtractParameters(pseudorandomKey, DERIVE_KEY));
                byte[] messageKey = new byte[32];
                hkdf.generateBytes(messageKey, 0, messageKey.length);
                search.secret(way + ": pseudorandom key of message " + i, pseudorandomKey)
                        .secret(way + ": key of message " + i, messageKey);
            }
        }
        return search;
    }

    @Test
    @DisplayName(
            "While a data key is cached and a message in work, both keys are found; after eviction and its end, nothing is")
    void nothingIsLeft() throws Exception {
        ByteSearch search = search();
        assertThat(search.in(directory.resolve(HeapDumpProgram.BEFORE)))
                .as("the search finds what is there")
                .containsKeys(
                        "FLUSHED: data key",
                        "CLOSED: data key",
                        "FLUSHED: key of message 0",
                        "CLOSED: key of message 0");
        assertThat(search.in(directory.resolve(HeapDumpProgram.AFTER))).isEmpty();
    }
}
