package dev.kmsenvelope.compatibility.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs a program and keeps what came of it. Each outcome is proven: a setting by the failure without it, an impossibility by its
 * exception. An AssertionError is never an outcome: what is wrong then is wrong with the test or with this library.
 */
public final class Trial {

    /** Something that a program does. */
    @FunctionalInterface
    public interface Action {
        /** Does it. */
        void run() throws Exception;
    }

    private final List<String> readers = new ArrayList<>();
    private Result result;
    private String detail = "";

    Trial() {}

    /** It works as it is. */
    public void works(Action action) throws Exception {
        action.run();
        decide(Result.UNMODIFIED, "");
    }

    /**
     * It works with one setting, and not without.
     *
     * @param setting the setting
     * @param failure what happens without it: the type of the exception, or of one of its causes
     * @param without the program without the setting
     * @param with the program with it
     */
    public void worksWith(String setting, Class<? extends Exception> failure, Action without, Action with)
            throws Exception {
        requireFailure(failure, "", without);
        with.run();
        decide(Result.ONE_SETTING, setting);
    }

    /**
     * It cannot do it with this key.
     *
     * @param why the reason, for the page
     * @param failure the type of the exception, or of one of its causes
     * @param text what its message has
     * @param action the program
     */
    public void cannot(String why, Class<? extends Exception> failure, String text, Action action) {
        requireFailure(failure, text, action);
        decide(Result.CANNOT, why + ": " + failure.getSimpleName());
    }

    /** Another program opened what this one made, or the other way round. */
    public void alsoOpenedBy(String reader, Action action) throws Exception {
        action.run();
        readers.add(reader);
    }

    private void decide(Result outcome, String why) {
        assertThat(result).as("a check has one outcome").isNull();
        result = outcome;
        detail = why;
    }

    private static void requireFailure(Class<? extends Exception> type, String text, Action action) {
        try {
            action.run();
        } catch (Exception e) {
            List<Throwable> causes = Stream.iterate((Throwable) e, cause -> cause != null, Throwable::getCause)
                    .limit(16)
                    .toList();
            assertThat(causes)
                    .as(causes.stream().map(Throwable::toString).collect(Collectors.joining(" <- ")))
                    .anyMatch(cause -> type.isInstance(cause)
                            && String.valueOf(cause.getMessage()).contains(text));
            return;
        }
        throw new AssertionError("it works, and " + type.getSimpleName() + " was expected");
    }

    Outcome outcome(Program program, String what, HeldKey key) {
        assertThat(result).as("a check has an outcome").isNotNull();
        return new Outcome(
                program.area(), program.name(), Versions.of(program.of()), what, key, result, detail, readers);
    }
}
