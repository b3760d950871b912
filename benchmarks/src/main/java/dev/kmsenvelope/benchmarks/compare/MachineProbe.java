package dev.kmsenvelope.benchmarks.compare;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/** Finds out where it runs. */
final class MachineProbe {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final List<String> FEATURES =
            List.of("aes", "vaes", "vpclmulqdq", "avx2", "avx512f", "sha_ni", "pmull");

    private MachineProbe() {}

    static Machine probe(String jdk, String vm, String effort, OpenSsl openSsl, Map<String, String> leftOut) {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Machine(
                cpu(),
                features(),
                Runtime.getRuntime().availableProcessors(),
                Math.round(system.getTotalMemorySize() / (double) (1L << 30)),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                jdk,
                vm,
                ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'")),
                commit(),
                effort,
                openSsl,
                peers(),
                leftOut);
    }

    private static String cpu() {
        return cpuInfo("model name")
                .or(() -> Commands.output("sysctl", "-n", "machdep.cpu.brand_string")
                        .map(String::strip))
                .or(() -> Optional.ofNullable(System.getenv("PROCESSOR_IDENTIFIER")))
                .orElse("unknown");
    }

    private static List<String> features() {
        String all = cpuInfo("flags").or(() -> cpuInfo("Features")).orElse("");
        List<String> present = Arrays.asList(all.split(" ", -1));
        return FEATURES.stream().filter(present::contains).toList();
    }

    private static Optional<String> cpuInfo(String name) {
        try {
            return Files.readAllLines(CPU_INFO).stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty(); // not Linux
        }
    }

    private static String commit() {
        return Commands.output("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .orElse("unknown");
    }

    /** The versions that the build put in. */
    private static Map<String, String> peers() {
        Properties properties = new Properties();
        try (InputStream in = MachineProbe.class.getResourceAsStream("peers.properties")) {
            if (in == null) {
                throw new IllegalStateException("peers.properties is missing from this jar");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new IllegalStateException("peers.properties cannot be read", e);
        }
        Map<String, String> peers = new TreeMap<>();
        properties
                .stringPropertyNames()
                .forEach(name -> peers.put(name.replace('_', ' '), properties.getProperty(name)));
        return peers;
    }
}
