package dev.kmsenvelope.benchmarks.layers;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/**
 * Processor time of this thread for several works, which take turns: what else the machine does, or how fast its clock is
 * just then, meets all of them alike.
 */
final class CpuTime {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long TURN = 20_000_000;

    /** Until all is compiled: AES-GCM by the JDK is slow before. */
    private static final int WARM_UP = 30;

    private CpuTime() {}

    /** What is measured. */
    interface Work {
        long run() throws GeneralSecurityException, IOException;
    }

    /** Nanoseconds of one run of each, the median of so many turns, after some that do not count. */
    static double[] medians(List<Work> works, int turns) throws GeneralSecurityException, IOException {
        List<double[]> times = new ArrayList<>();
        for (int turn = -WARM_UP; turn < turns; turn++) {
            double[] ofTurn = new double[works.size()];
            for (int i = 0; i < ofTurn.length; i++) {
                ofTurn[i] = turn(works.get(i));
            }
            if (turn >= 0) {
                times.add(ofTurn);
            }
        }
        double[] medians = new double[works.size()];
        for (int i = 0; i < medians.length; i++) {
            int work = i;
            double[] sorted =
                    times.stream().mapToDouble(ofTurn -> ofTurn[work]).sorted().toArray();
            medians[i] = sorted[sorted.length / 2];
        }
        return medians;
    }

    private static double turn(Work work) throws GeneralSecurityException, IOException {
        long results = 0;
        int runs = 0;
        long start = THREADS.getCurrentThreadCpuTime();
        long end;
        do {
            results += work.run();
            runs++;
            end = THREADS.getCurrentThreadCpuTime();
        } while (end - start < TURN);
        if (results <= 0) {
            throw new IllegalStateException("nothing was done");
        }
        return (double) (end - start) / runs;
    }
}
