package dev.kmsenvelope.kms;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a key is rotated.
 *
 * @param periodDays after how many days its material is replaced by itself; 0 if it is not
 * @param next when that happens next, or null if it is not to happen or the service does not say
 * @param history the rotations that there were, oldest first; as far back as the service remembers
 */
public record RotationStatus(int periodDays, @Nullable Instant next, List<Rotation> history) {

    /**
     * Copies the list.
     *
     * @param periodDays after how many days, or 0
     * @param next when, or null
     * @param history what there was
     */
    public RotationStatus {
        history = List.copyOf(history);
    }

    /**
     * Tells whether the key is rotated by itself.
     *
     * @return true if there is a period
     */
    public boolean isAutomatic() {
        return periodDays > 0;
    }

    /** What caused a rotation. */
    public enum Cause {
        /** The age of the material. */
        AGE,
        /** An administrator. */
        ON_DEMAND,
        /** The number of encryptions with the material. */
        USES
    }

    /**
     * A rotation that took place.
     *
     * @param date when
     * @param cause why
     */
    public record Rotation(Instant date, Cause cause) {}
}
