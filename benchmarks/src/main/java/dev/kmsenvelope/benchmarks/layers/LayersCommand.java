package dev.kmsenvelope.benchmarks.layers;

import dev.kmsenvelope.benchmarks.layers.CpuTime.Work;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Prints what a second layer costs, by the processor time of one thread, which other work on the machine changes less than
 * what a clock shows.
 */
@Command(
        name = "layers",
        mixinStandardHelpOptions = true,
        description = "Measures one layer beside two, by processor time of one thread.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class LayersCommand implements Callable<Integer> {

    private static final Map<String, String> ONE_THREAD = Map.of("parallelism", "1");

    @Option(
            names = "--sizes",
            split = ",",
            paramLabel = "BYTES",
            description = "Plaintext bytes of a message. Default: ${DEFAULT-VALUE}",
            defaultValue = "1024,65536,1048576,16777216")
    private List<Integer> sizes;

    @Option(
            names = "--layers",
            split = ",",
            paramLabel = "LAYERS",
            description = "${COMPLETION-CANDIDATES}; the ratio is to the first. Default: ${DEFAULT-VALUE}",
            defaultValue = "SINGLE_CORRETTO,SINGLE_JDK,DUAL_CORRETTO,DUAL_BOUNCY_CASTLE")
    private List<Layers> layers;

    @Option(
            names = "--turns",
            paramLabel = "N",
            description = "How often each is measured, at least 20 ms at a time. Default: ${DEFAULT-VALUE}",
            defaultValue = "60")
    private int turns;

    @Spec
    private CommandSpec spec;

    private enum Way {
        ENCRYPT("encrypt", message -> message::encrypt),
        DECRYPT("decrypt", message -> message::decrypt),
        ENCRYPT_STREAM("encrypt, stream", message -> message::encryptStream),
        DECRYPT_STREAM("decrypt, stream", message -> message::decryptStream);

        private final String text;

        @SuppressWarnings("ImmutableEnumChecker") // holds nothing
        private final Of of;

        private interface Of {
            Work work(LayeredMessage message);
        }

        Way(String text, Of of) {
            this.text = text;
            this.of = of;
        }
    }

    /**
     * The command.
     *
     * @return a new command line
     */
    public static CommandLine commandLine() {
        return new CommandLine(new LayersCommand());
    }

    @Override
    public Integer call() throws GeneralSecurityException, IOException {
        String machine = System.getProperty("os.arch");
        out().printf("JDK %s, %s: microseconds of processor time (ratio of speed)%n", Runtime.version(), machine);
        for (int size : sizes) {
            measure(size);
        }
        return 0;
    }

    private void measure(int size) throws GeneralSecurityException, IOException {
        List<LayeredMessage> messages = new ArrayList<>();
        try {
            for (Layers one : layers) {
                messages.add(new LayeredMessage(one, size, ONE_THREAD));
            }
            for (Way way : Way.values()) {
                List<Work> works = messages.stream().map(way.of::work).toList();
                print(size, way, CpuTime.medians(works, turns));
            }
        } finally {
            messages.forEach(LayeredMessage::close);
        }
    }

    private void print(int size, Way way, double[] times) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%9d %-16s", size, way.text));
        for (int i = 0; i < times.length; i++) {
            line.append(String.format(
                    Locale.ROOT, "  %s %.1f (%.3f)", layers.get(i), times[i] / 1000, times[0] / times[i]));
        }
        out().println(line);
        out().flush();
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
