package dev.kmsenvelope.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/**
 * Finds what somebody who misspelt a name may have meant: the known name with the smallest Levenshtein distance, letters of
 * both cases being alike.
 */
final class NearestName {

    private NearestName() {}

    static String of(String name, Collection<String> known) {
        String lowerCase = name.toLowerCase(Locale.ROOT);
        return known.stream()
                .min(Comparator.comparingInt(
                                (String candidate) -> distance(lowerCase, candidate.toLowerCase(Locale.ROOT)))
                        .thenComparing(Comparator.naturalOrder()))
                .orElse("");
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitution, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
