package dev.kmsenvelope.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/**
 * Finds what somebody who misspelt a name may have meant: the known name with the smallest Levenshtein distance, letters of
 * both cases being alike. A {@code *} in a known name costs nothing in a name that starts like the known one before it.
 */
record NearestName(String name, int distance) {

    static NearestName of(String name, Collection<String> known) {
        String lowerCase = name.toLowerCase(Locale.ROOT);
        return known.stream()
                .map(candidate -> new NearestName(candidate, between(lowerCase, candidate.toLowerCase(Locale.ROOT))))
                .min(Comparator.comparingInt(NearestName::distance).thenComparing(NearestName::name))
                .orElseThrow();
    }

    private static int between(String name, String known) {
        int wildcard = known.indexOf('*');
        return levenshtein(name, known, wildcard > 0 && name.startsWith(known.substring(0, wildcard)));
    }

    private static int levenshtein(String a, String b, boolean wildcards) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                if (wildcards && b.charAt(j - 1) == '*') {
                    int above = row[j];
                    row[j] = Math.min(Math.min(diagonal, above), 1 + row[j - 1]);
                    diagonal = above;
                    continue;
                }
                int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitution, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
