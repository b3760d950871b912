package dev.kmsenvelope.metering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.telemetry.DataKeyCacheStatistics;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In which order the caches of a process are emptied. */
class OpenCachesFlushTest {

    /** Or a data key that is asked for in between would come from what is emptied next, and stay. */
    @Test
    void whatDataKeysComeFromIsEmptiedFirst() {
        List<String> order = new ArrayList<>();
        OpenCaches caches = new OpenCaches();
        String dataKeys = "data keys";
        String lower = "the lower source";
        String upper = "the upper source";
        caches.add(dataKeys, order::add, cache -> DataKeyCacheStatistics.NONE, () -> DataKeyCacheStatistics.NONE);
        caches.addSource(lower, order::add);
        caches.addSource(upper, order::add);

        caches.flush();

        assertThat(order).containsExactly(lower, upper, dataKeys);
        assertThat(caches.statistics()).as("sources count nothing").isEqualTo(DataKeyCacheStatistics.NONE);
    }
}
