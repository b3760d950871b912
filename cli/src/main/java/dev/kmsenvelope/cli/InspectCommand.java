package dev.kmsenvelope.cli;

import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inspect}. */
@Command(
        name = "inspect",
        header = "Show what a message is, without any key.",
        description = {
            "Nothing is verified: who can change the message can change what this shows. Exit code 3 if it is no"
                    + " message, or not complete."
        })
final class InspectCommand implements Callable<Integer>, MessageReader {

    /** As much as can be shown; what decrypt accepts is less. */
    private static final HeaderLimits LIMITS = new HeaderLimits(0xFFFF, 8 * 1024 * 1024, 1 << 30);

    private final Stdio stdio;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "the message; - or none for standard input")
    private @Nullable Path file;

    InspectCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public @Nullable Path source() {
        return Input.isPipe(file) ? null : file;
    }

    @Override
    public Integer call() throws IOException, InvalidMessageException {
        MessageReport report;
        try (Input in = Input.open(stdio, file)) {
            InputStream stream = new BufferedInputStream(in.stream(), 64 * 1024);
            MessageHeader header = MessageHeader.read(stream, LIMITS);
            report = new MessageReport(header, Structure.read(header, stream));
        }
        if (json) {
            stdio.printJson(Json.write(report.toJson()));
        } else {
            for (String line : report.toLines()) {
                stdio.println(line);
            }
        }
        switch (report.structure().state()) {
            case COMPLETE -> {
                return ExitCode.OK;
            }
            case TRUNCATED ->
                throw new InvalidMessageException(Reason.TRUNCATED, "the message ends before its last frame does");
            case TRAILING ->
                throw new InvalidMessageException(
                        Reason.MALFORMED, report.structure().trailingBytes() + " bytes follow the end of the message");
            default ->
                throw new InvalidMessageException(
                        Reason.MALFORMED,
                        "after frame " + report.structure().frames() + " comes something that cannot be the next one");
        }
    }
}
