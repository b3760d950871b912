package dev.kmsenvelope.local;

import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the library logs while this is open, here instead of on the console. */
final class Warnings implements AutoCloseable {

    final List<String> texts = new ArrayList<>();

    private final Logger library = Logger.getLogger("dev.kmsenvelope");
    private final Logger generated = Logger.getLogger(GeneratedSecret.class.getName());
    private final Level generatedLevel = generated.getLevel();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            synchronized (texts) {
                texts.add(MessageFormat.format(entry.getMessage(), entry.getParameters()));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    Warnings() {
        library.addHandler(handler);
        library.setUseParentHandlers(false);
        generated.setLevel(Level.ALL);
    }

    @Override
    public void close() {
        generated.setLevel(generatedLevel);
        library.setUseParentHandlers(true);
        library.removeHandler(handler);
    }
}
