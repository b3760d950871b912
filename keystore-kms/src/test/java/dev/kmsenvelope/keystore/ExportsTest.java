package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What callers meet, they can name: programs on the module path too. */
class ExportsTest {

    private static Set<String> exported;

    @BeforeAll
    static void readDescriptor() throws Exception {
        Path classes = Path.of(KmsLoadStoreParameter.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        ModuleDescriptor module = ModuleFinder.of(classes)
                .find("dev.kmsenvelope.keystore")
                .orElseThrow()
                .descriptor();
        exported = module.exports().stream()
                .filter(each -> !each.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
    }

    @Test
    void whatLoadAndStoreThrowIsExported() {
        Class<?> thrown = catchThrowable(() -> Fixture.load("")).getClass();

        assertThat(thrown).isEqualTo(StoreFileException.class);
        assertThat(exported).contains(thrown.getPackageName());
    }

    @Test
    void theFormatIsNot() {
        assertThat(exported).isEqualTo(Set.of("dev.kmsenvelope.keystore"));
    }
}
