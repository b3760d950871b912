package dev.kmsenvelope.metering;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Does several things that must all be tried, such as closing. */
public final class Steps {

    private Steps() {}

    /**
     * Does all, also when one fails, be it for a class that cannot be loaded any more.
     *
     * @param steps what to do, in this order
     * @throws RuntimeException the first failure, with the others as suppressed ones; or an {@link Error}
     */
    public static void doAll(List<Runnable> steps) {
        Throwable failure = null;
        for (Runnable step : steps) {
            try {
                step.run();
            } catch (RuntimeException | Error e) {
                failure = join(failure, e);
            }
        }
        if (failure instanceof Error error) {
            throw error;
        } else if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private static Throwable join(@Nullable Throwable first, Throwable next) {
        if (first == null) {
            return next;
        }
        if (!first.equals(next)) {
            first.addSuppressed(next);
        }
        return first;
    }
}
