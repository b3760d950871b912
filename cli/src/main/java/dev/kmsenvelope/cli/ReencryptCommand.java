package dev.kmsenvelope.cli;

import dev.kmsenvelope.cli.MessageFiles.Found;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reencrypt}. */
@Command(
        name = "reencrypt",
        header = "Move messages to the newest version of their key, or to another key.",
        description = {
            "Each message is verified and replaced in one step, by one with the same content under a fresh data key;"
                    + " killed at any point, each file is whole, and the next run goes on. Messages that are current"
                    + " already are told by their header and skipped, and in folders, files that are no messages too."
                    + " A file that fails stays as it is and does not stop the others. Links in folders are not"
                    + " followed.",
            "Who has the old file and its data key still has what it says."
        })
final class ReencryptCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Mixin
    private MessageOptions message = new MessageOptions();

    @Mixin
    private MoveOptions options = new MoveOptions();

    @Option(
            names = {"-k", "--key"},
            paramLabel = "KEY",
            description = "the key to move to: alias/NAME, key id or ARN (default: the newest version of the key that"
                    + " each message names; of what an alias points to now, if one is configured for that key)")
    private @Nullable KeyId key;

    @Option(
            names = {"-r", "--recipient"},
            paramLabel = "KEY",
            description = "a further key that opens the new messages too; repeat for several (default: those of the"
                    + " settings)")
    private List<KeyId> recipients = new ArrayList<>();

    @Option(
            names = "--from",
            paramLabel = "KEY",
            description = "only messages that this key opens; others are left alone")
    private @Nullable KeyId from;

    @Option(names = "--json", description = "the summary as JSON on standard output")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "no progress bar, and no summary unless something failed")
    private boolean quiet;

    @Parameters(arity = "1..*", paramLabel = "FILE|FOLDER", description = "messages, and folders with messages")
    private List<Path> files = List.of();

    ReencryptCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        Configuration configuration = backend.configuration();
        EncryptionContext context = message.parameters().build().context();
        ReencryptRun.Plan plan =
                new ReencryptRun.Plan(from, key, recipients, context, message.associatedData(), options);
        MessageFiles all = new MessageFiles(files);
        ReencryptSummary summary = new ReencryptSummary(options.dryRun());
        boolean visible = !quiet && Terminal.isTerminal(Terminal.ERR);
        Total total = visible ? Total.of(all) : new Total();
        try (KeyServices services = KeyServices.openLazily(configuration);
                Progress progress = Progress.start(
                        "reencrypt", visible ? OptionalLong.of(total.bytes) : OptionalLong.empty(), quiet)) {
            Handles handles = new Handles(services, configuration, null);
            requireKey(handles, key);
            requireKey(handles, from);
            recipients.forEach(recipient -> requireKey(handles, recipient));
            all.visit(new ReencryptRun(stdio, handles, plan, summary, progress, total.files, !json));
        }
        if (json) {
            stdio.printJson(Json.write(summary.toJson()));
        } else if (!quiet || summary.code() != ExitCode.OK) {
            summary.toLines().forEach(stdio::note);
        }
        return summary.code();
    }

    /** Once, and not for every file. */
    private static void requireKey(Handles handles, @Nullable KeyId key) {
        if (key != null) {
            KeyReference reference = handles.reference(key);
            try {
                handles.services().of(reference).decryptionKeys(reference.key());
            } catch (KeyNotFoundException e) {
                throw handles.suggest(e, List.of(key));
            }
        }
    }

    /** How much there is, so that the bar knows its end. */
    private static final class Total implements MessageFiles.Visitor {

        private long files;
        private long bytes;

        static Total of(MessageFiles all) throws IOException {
            Total total = new Total();
            all.visit(total);
            return total;
        }

        @Override
        public void file(Found file) {
            files++;
            bytes += file.size();
        }

        @Override
        public void unreadable(Path shown, IOException failure) {
            // It is reported when its turn comes.
        }
    }
}
