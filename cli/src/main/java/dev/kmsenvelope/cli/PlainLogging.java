package dev.kmsenvelope.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;

/**
 * Sets java.util.logging up so that warnings of the library are plain lines on standard error. Named by the property {@code
 * java.util.logging.config.class}, so nothing of logging is loaded before the first warning.
 */
public final class PlainLogging {

    private static final String SETTINGS = String.join(
            "\n",
            "handlers = java.util.logging.ConsoleHandler",
            ".level = WARNING",
            "java.util.logging.ConsoleHandler.level = WARNING",
            "java.util.logging.ConsoleHandler.formatter = " + Line.class.getName());

    /**
     * Called by the log manager.
     *
     * @throws IOException never
     */
    public PlainLogging() throws IOException {
        LogManager.getLogManager()
                .readConfiguration(new ByteArrayInputStream(SETTINGS.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** One line for each record. */
    public static final class Line extends Formatter {

        /** Called by the log manager. */
        public Line() {}

        @Override
        public String format(LogRecord record) {
            String level = record.getLevel().getName().toLowerCase(Locale.ROOT);
            return Stdio.PREFIX + level + ": " + Text.oneLine(formatMessage(record)) + System.lineSeparator();
        }
    }
}
