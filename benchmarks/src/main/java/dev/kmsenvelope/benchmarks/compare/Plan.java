package dev.kmsenvelope.benchmarks.compare;

import dev.kmsenvelope.benchmarks.CacheBenchmark;
import dev.kmsenvelope.benchmarks.contenders.ContenderName;
import dev.kmsenvelope.benchmarks.contenders.StreamContenderName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a comparison measures. Those whose ratio is wanted stand in one selection, so that they run soon after each other. */
final class Plan {

    private static final String SMALL = "SmallMessageBenchmark";
    private static final String BULK = "BulkBenchmark";
    private static final Integer[] SIZES = {64, 1024, 16384};

    private Plan() {}

    static List<Selection> of(Effort effort) {
        List<Selection> plan = new ArrayList<>();
        if (isShort(effort)) {
            plan.add(Selection.of(
                    SMALL,
                    List.of("envelope", "gcm-kms", "primitives", "sunjce", "tink", "esdk", "esdk-keyring"),
                    SIZES));
            plan.add(Selection.of(
                    SMALL, List.of("envelope-accp", "accp", "bouncycastle", "conscrypt", "esdk-signed"), 1024));
        } else {
            plan.add(Selection.of(
                    SMALL,
                    Arrays.stream(ContenderName.values())
                            .map(ContenderName::id)
                            .filter(id -> !id.equals("engine"))
                            .toList(),
                    SIZES));
        }
        plan.add(Selection.of(SMALL, List.of("envelope", "tink", "esdk", "esdk-keyring"), 1024)
                .on(2));
        plan.add(Selection.of("DataKeyHandleBenchmark", List.of("engine", "sunjce"), SIZES));
        if (isShort(effort)) {
            plan.add(Selection.of(BULK, List.of("envelope", "sunjce")).warmedUpLong());
            plan.add(Selection.of(BULK, List.of("accp", "esdk")));
        } else {
            plan.add(Selection.of(BULK, List.of("envelope", "gcm-kms", "sunjce", "tink"))
                    .warmedUpLong());
            plan.add(Selection.of(BULK, List.of("envelope-accp", "accp", "conscrypt", "esdk")));
        }
        plan.add(Selection.of(
                "StreamBenchmark",
                Arrays.stream(StreamContenderName.values())
                        .map(StreamContenderName::id)
                        .toList()));
        plan.add(Selection.of("CacheBenchmark.(hit|zipf|miss)", List.of()));
        plan.add(Selection.of("CacheBenchmark.(hit|zipf)", List.of()).on(2));
        plan.add(Selection.of("CacheBenchmark.missTogether", List.of()).on(CacheBenchmark.TOGETHER));
        return plan;
    }

    private static boolean isShort(Effort effort) {
        return effort == Effort.QUICK || effort == Effort.SMOKE;
    }
}
