package dev.kmsenvelope.provider;

import org.jspecify.annotations.Nullable;

/** Stands in until the first real public class of this module, so that Javadoc has something to check. */
public final class Placeholder {
    private Placeholder() {}

    /**
     * Length of a text.
     *
     * @param text the text
     * @return its length, zero without a text
     */
    public static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }
}
