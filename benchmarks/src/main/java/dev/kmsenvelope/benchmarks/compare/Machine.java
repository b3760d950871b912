package dev.kmsenvelope.benchmarks.compare;

import java.util.List;
import java.util.Map;

/**
 * Where and when something was measured. Nothing in it names the machine or a directory.
 *
 * @param cpu the model
 * @param features instructions that matter for AES-GCM, as the operating system names them
 * @param cores how many the JVM sees
 * @param memoryGiB of the machine
 * @param os name, version and architecture
 * @param jdk the full version
 * @param vm name and version of the virtual machine
 * @param date in UTC, to the minute
 * @param commit of the source tree, {@code unknown} where git does not tell
 * @param effort how long it was measured: quick, default or full
 * @param openSsl what OpenSSL's own benchmark says
 * @param peers version of each library by its name
 * @param leftOut contenders that cannot run here, with the reason
 */
record Machine(
        String cpu,
        List<String> features,
        int cores,
        long memoryGiB,
        String os,
        String jdk,
        String vm,
        String date,
        String commit,
        String effort,
        OpenSsl openSsl,
        Map<String, String> peers,
        Map<String, String> leftOut) {

    /** The feature release of the JDK, such as 17. */
    int release() {
        return Integer.parseInt(jdk.split("[^0-9]", 2)[0]);
    }
}
