package dev.kmsenvelope.benchmarks.process;

import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Compares whole processes: what each library needs for its first bytes in a fresh JVM; and what ours needs for a long stream
 * in a small heap, and for streams of several lengths through a {@code CipherInputStream}.
 */
@Command(
        name = "FreshJvm",
        mixinStandardHelpOptions = true,
        description = {
            "Compare whole processes: the first bytes of a fresh JVM, a long stream in a small heap, and how the time grows"
                    + " with the length through a CipherInputStream.",
            "Contenders take turns, and medians are shown. Messages are decrypted that another process encrypted."
        })
public final class FreshJvm implements Callable<Integer> {

    private static final long MIB = 1024 * 1024;

    /** It warns that keys without a passphrase are no better kept than their directory, which is removed here. */
    private static final Logger LOCAL_KEYS = Logger.getLogger("dev.kmsenvelope.local");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--jdk-home", description = "a JDK to compare with; can be repeated: the one that runs this")
    private List<Path> jdkHomes = List.of(Path.of(System.getProperty("java.home")));

    @Option(
            names = "--contenders",
            split = ",",
            description = "envelope, sunjce, accp, tink, esdk: all of them",
            converter = ContenderName.class)
    private List<Task.Contender> contenders = List.of(Task.Contender.values());

    @Option(names = "--runs", defaultValue = "5", description = "of each: 5")
    private int runs;

    @Option(names = "--mib", defaultValue = "64", description = "MiB that a fresh JVM works on: 64; 0 for none")
    private int mib;

    @Option(names = "--long-mib", defaultValue = "1024", description = "MiB in a small heap: 1024; 0 for none")
    private int longMib;

    @Option(names = "--heap", defaultValue = "64m", description = "the small heap, as for -Xmx: 64m")
    private String heap = "";

    @Option(
            names = "--stream-mib",
            split = ",",
            defaultValue = "16,64,256",
            description = "MiB through a CipherInputStream: 16,64,256; 0 for none")
    private List<Integer> streamMib = List.of();

    @Option(names = "--json", description = "writes the results, with machine, JDK and date, to this file too")
    private @Nullable Path json;

    private final List<Row> rows = new ArrayList<>();

    private FreshJvm() {}

    /**
     * A result.
     *
     * @param jdk the release
     * @param what was done
     * @param contender who did it
     * @param mib MiB of plaintext
     * @param process median of the seconds from starting the process to its end
     * @param work median of the seconds that the work took in it
     */
    record Row(String jdk, String what, String contender, int mib, double process, double work) {}

    /**
     * All of it.
     *
     * @param date when
     * @param machine what it ran on
     * @param processors how many there are
     * @param runs of each
     * @param rows the results
     */
    private record Report(String date, String machine, int processors, int runs, List<Row> rows) {}

    static final class ContenderName implements CommandLine.ITypeConverter<Task.Contender> {
        @Override
        public Task.Contender convert(String value) {
            for (Task.Contender contender : Task.Contender.values()) {
                if (contender.label().equals(value)) {
                    return contender;
                }
            }
            throw new CommandLine.TypeConversionException("'" + value + "' is none of the contenders");
        }
    }

    /**
     * Runs it.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new FreshJvm());
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        LOCAL_KEYS.setLevel(Level.SEVERE);
        PrintWriter out = spec.commandLine().getOut();
        out.printf(Locale.ROOT, "%-12s %-34s %-10s %6s %12s %9s%n", "JDK", "", "", "MiB", "process, s", "work, s");
        out.flush();
        for (Path home : jdkHomes) {
            Path directory = Files.createTempDirectory("kms-envelope-processes");
            try {
                Task.makeKeys(directory);
                compare(home, directory);
            } finally {
                delete(directory);
            }
        }
        if (json != null) {
            Report report = new Report(
                    Instant.now().toString(),
                    System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", " + processor(),
                    Runtime.getRuntime().availableProcessors(),
                    runs,
                    rows);
            Files.writeString(
                    json, new GsonBuilder().setPrettyPrinting().create().toJson(report) + "\n");
        }
        return 0;
    }

    private void compare(Path home, Path directory) throws IOException, InterruptedException {
        Child fresh = Child.of(home, directory);
        if (mib > 0) {
            for (Task.Contender contender : contenders) {
                fresh.run(contender, Task.Operation.PREPARE, mib * MIB);
            }
            compare(fresh, "fresh JVM, encrypt", Task.Operation.ENCRYPT, contenders, mib);
            compare(fresh, "fresh JVM, decrypt", Task.Operation.DECRYPT, contenders, mib);
        }
        List<Task.Contender> ours = List.of(Task.Contender.ENVELOPE);
        if (longMib > 0) {
            Child small = Child.of(home, directory, "-Xmx" + heap);
            small.run(Task.Contender.ENVELOPE, Task.Operation.PREPARE, longMib * MIB);
            compare(small, "-Xmx" + heap + ", encrypt", Task.Operation.ENCRYPT, ours, longMib);
            compare(small, "-Xmx" + heap + ", decrypt", Task.Operation.DECRYPT, ours, longMib);
        }
        for (int length : streamMib) {
            if (length > 0) {
                fresh.run(Task.Contender.ENVELOPE, Task.Operation.PREPARE, length * MIB);
                compare(fresh, "CipherInputStream, decrypt", Task.Operation.CIPHER_INPUT_STREAM, ours, length);
            }
        }
    }

    private void compare(Child child, String what, Task.Operation operation, List<Task.Contender> who, int length)
            throws IOException, InterruptedException {
        Map<Task.Contender, List<Child.Result>> results = new LinkedHashMap<>();
        for (int run = 0; run < runs; run++) {
            for (Task.Contender contender : who) {
                Child.Result result = child.run(contender, operation, length * MIB);
                if (operation != Task.Operation.ENCRYPT && result.bytes() != length * MIB) {
                    throw new IOException(
                            contender.label() + " gave " + result.bytes() + " bytes of " + length + " MiB");
                }
                results.computeIfAbsent(contender, absent -> new ArrayList<>()).add(result);
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        for (Map.Entry<Task.Contender, List<Child.Result>> each : results.entrySet()) {
            Row row = new Row(
                    child.release(),
                    what,
                    each.getKey().label(),
                    length,
                    median(each.getValue().stream().map(Child.Result::process).toList()),
                    median(each.getValue().stream().map(Child.Result::work).toList()));
            rows.add(row);
            out.printf(
                    Locale.ROOT,
                    "%-12s %-34s %-10s %6d %12.3f %9.3f%n",
                    row.jdk,
                    row.what,
                    row.contender,
                    row.mib,
                    row.process,
                    row.work);
            out.flush();
        }
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static String processor() throws IOException {
        Path cpus = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(cpus)) {
            return "unknown processor";
        }
        try (Stream<String> lines = Files.lines(cpus)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse("unknown processor");
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
