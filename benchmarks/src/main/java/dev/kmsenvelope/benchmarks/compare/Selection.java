package dev.kmsenvelope.benchmarks.compare;

import java.util.List;

/**
 * Some points of one benchmark class.
 *
 * @param benchmark regular expression for the names of the benchmark methods
 * @param contenders who takes part; empty for a benchmark that has none
 * @param sizes plaintext bytes; empty for those of the benchmark
 * @param threads how many threads
 * @param longWarmUp whether the callers of large calls have to be compiled first
 */
record Selection(String benchmark, List<String> contenders, List<Integer> sizes, int threads, boolean longWarmUp) {

    static Selection of(String benchmark, List<String> contenders, Integer... sizes) {
        return new Selection(benchmark, contenders, List.of(sizes), 1, false);
    }

    Selection on(int otherThreads) {
        return new Selection(benchmark, contenders, sizes, otherThreads, longWarmUp);
    }

    Selection warmedUpLong() {
        return new Selection(benchmark, contenders, sizes, threads, true);
    }

    Selection without(List<String> leftOut) {
        return new Selection(
                benchmark,
                contenders.stream().filter(name -> !leftOut.contains(name)).toList(),
                sizes,
                threads,
                longWarmUp);
    }
}
