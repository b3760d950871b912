package dev.kmsenvelope.dual;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.kms.EncryptionContext;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LayerTest {

    @ParameterizedTest
    @EnumSource
    @DisplayName("A context gets the layer's mark and loses it, whichever context came before")
    void marks(Layer layer) {
        String mark = layer == Layer.INNER ? "inner" : "outer";
        for (int i = 0; i < 6; i++) {
            Map<String, String> pairs = i % 3 == 0 ? Map.of() : Map.of("tenant", "t" + i % 3);
            EncryptionContext plain = EncryptionContext.of(pairs);
            EncryptionContext marked = layer.marked(plain);
            assertThat(marked.asMap()).containsEntry("kms-envelope-layer", mark).hasSize(pairs.size() + 1);
            assertThat(layer.marked(plain)).isEqualTo(marked);
            assertThat(layer.marked(marked)).isEqualTo(marked);
            assertThat(layer.unmarked(marked)).isEqualTo(plain);
            assertThat(layer.other().unmarked(marked)).isEqualTo(plain);
            assertThat(layer.unmarked(plain)).isEqualTo(plain);
        }
    }
}
