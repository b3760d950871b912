package dev.kmsenvelope.cli;

import java.io.Closeable;
import java.util.OptionalLong;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar for work that lasts, when standard error is a terminal. */
final class Progress implements Closeable {

    private static final long PATIENCE = 500_000_000L;
    private static final int DEFAULT_WIDTH = 80;

    private final boolean visible;
    private final String task;
    private final OptionalLong size;
    private final long started = System.nanoTime();
    private long done;
    private @Nullable ProgressBar bar;

    private Progress(boolean visible, String task, OptionalLong size) {
        this.visible = visible;
        this.task = task;
        this.size = size;
    }

    static Progress start(String task, OptionalLong size, boolean quiet) {
        return new Progress(!quiet && Terminal.isTerminal(Terminal.ERR), task, size);
    }

    /** Says that more bytes were read. */
    void advance(long bytes) {
        if (!visible) {
            return;
        }
        done += bytes;
        if (bar == null && System.nanoTime() - started > PATIENCE) {
            bar = show();
        }
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    /** Whether somebody sees it. */
    boolean isVisible() {
        return visible;
    }

    /** Says how far it is in something else than bytes. */
    void note(String text) {
        if (bar != null) {
            bar.setExtraMessage(text);
        }
    }

    /** Goes to a line of its own, so that something else can be said. */
    void makeRoom() {
        if (bar != null) {
            System.err.println();
        }
    }

    private ProgressBar show() {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(size.orElse(-1))
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit(" MiB", 1 << 20)
                .setUpdateIntervalMillis(200)
                .showSpeed()
                .setConsumer(new DelegatingProgressBarConsumer(Progress::print, width()))
                .build();
    }

    private static void print(String text) {
        System.err.print("\r" + text);
        System.err.flush();
    }

    private static int width() {
        try {
            return Math.max(20, Integer.parseInt(System.getenv().getOrDefault("COLUMNS", "")) - 1);
        } catch (NumberFormatException e) {
            return DEFAULT_WIDTH - 1;
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            System.err.println();
            bar = null;
        }
    }
}
