package dev.kmsenvelope.compatibility.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What all checks of a run gave. Thread-safe. */
public final class Outcomes {

    private final List<Outcome> outcomes = new ArrayList<>();
    private final Set<String> programs = new TreeSet<>();

    Outcomes() {}

    synchronized void started(Class<?> program) {
        programs.add(program.getName());
    }

    synchronized void add(Outcome outcome) {
        outcomes.add(outcome);
    }

    /** The names of the classes whose checks have started. */
    public synchronized Set<String> programs() {
        return Set.copyOf(programs);
    }

    /** The tables. */
    public synchronized String table() {
        return Page.table(outcomes);
    }
}
