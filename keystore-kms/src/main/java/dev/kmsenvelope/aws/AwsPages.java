package dev.kmsenvelope.aws;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lists that come in pages. */
final class AwsPages {

    /** At a hundred entries each, more than any account has. */
    private static final int MAX_PAGES = 10_000;

    private AwsPages() {}

    /**
     * All entries of a list.
     *
     * @param page asks for the page behind a marker; null for the first page
     * @param items what stands on a page
     * @param next the marker of the page behind it, or null
     * @param endless what to throw when a marker comes again, or the pages do not end
     */
    static <P, T> List<T> all(
            Function<@Nullable String, P> page,
            Function<P, Collection<T>> items,
            Function<P, @Nullable String> next,
            Supplier<? extends RuntimeException> endless) {
        List<T> all = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        String marker = null;
        do {
            P answer = page.apply(marker);
            all.addAll(items.apply(answer));
            marker = next.apply(answer);
            if (marker != null && (!seen.add(marker) || seen.size() > MAX_PAGES)) {
                throw endless.get();
            }
        } while (marker != null);
        return all;
    }
}
