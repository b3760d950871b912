package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.testing.ByteSearch;
import dev.kmsenvelope.testing.ChildJvm;
import dev.kmsenvelope.testing.MaskedKeyService;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RULES 16, for stored data keys, by dumps of the heap of a process that keeps every Cipher and Mac object it used. */
class StoredKeyHeapTest {

    @TempDir
    private Path directory;

    @Test
    @DisplayName("After a flush, or when the services are closed, no Cipher or Mac object that is idle has the key")
    void nothingIsLeft() throws Exception {
        ByteSearch search = new ByteSearch();
        List<String> arguments = new ArrayList<>(List.of(directory.toString()));
        for (String way : StoredKeyHeapProgram.WAYS) {
            byte[] key = new byte[32];
            new SecureRandom().nextBytes(key);
            search.secret(way, key);
            arguments.add(HexFormat.of().formatHex(MaskedKeyService.mask(key)));
        }
        // Else the collector leaves some objects that nobody refers to where they are, and they are dumped as its
        // filling.
        ChildJvm.java()
                .quick()
                .with("-XX:MarkSweepAlwaysCompactCount=1")
                .run(StoredKeyHeapProgram.class, arguments.toArray(String[]::new));
        assertThat(search.in(directory.resolve(StoredKeyHeapProgram.BEFORE)))
                .as("the search finds what is there")
                .containsOnlyKeys(StoredKeyHeapProgram.WAYS);
        assertThat(search.in(directory.resolve(StoredKeyHeapProgram.AFTER))).isEmpty();
    }
}
