package dev.kmsenvelope.compatibility.report;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The part of a page that a run writes: tables between two marker lines. */
public final class Page {

    /** The line before the tables. */
    static final String BEGIN = "<!-- What follows was written by a run of the module `compatibility`. -->";

    /** The line after them. */
    static final String END = "<!-- That was all of it. -->";

    private static final String HEAD = """
            | program | what it does | key | outcome | setting, or why not | also opened by |
            |---|---|---|---|---|---|
            """;

    private Page() {}

    static String table(List<Outcome> outcomes) {
        Map<Area, String> sections = outcomes.stream()
                .sorted(Outcome.ORDER)
                .collect(Collectors.groupingBy(
                        Outcome::area, TreeMap::new, Collectors.mapping(Page::row, Collectors.joining())));
        return sections.entrySet().stream()
                .map(section -> "### " + section.getKey().title() + "\n\n" + HEAD + section.getValue())
                .collect(Collectors.joining("\n"));
    }

    private static String row(Outcome outcome) {
        return List.of(
                        (outcome.program() + " " + outcome.version()).strip(),
                        outcome.what(),
                        outcome.key().description(),
                        outcome.result().text(),
                        outcome.detail(),
                        String.join(", ", outcome.readers()))
                .stream()
                .map(cell -> cell.replace("|", "\\|"))
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    /**
     * The page with other tables.
     *
     * @param page the page
     * @param table the tables
     * @return the page with these tables between its markers, and all else as it was
     * @throws IllegalArgumentException if it has not each of the two markers once and in order
     */
    public static String withTable(String page, String table) {
        int begin = onlyPlaceOf(BEGIN, page) + BEGIN.length();
        int end = onlyPlaceOf(END, page);
        if (begin > end) {
            throw new IllegalArgumentException("the markers are the wrong way round");
        }
        return page.substring(0, begin) + "\n\n" + table + "\n" + page.substring(end);
    }

    private static int onlyPlaceOf(String marker, String page) {
        int place = page.indexOf(marker);
        if (place < 0 || page.indexOf(marker, place + 1) >= 0) {
            throw new IllegalArgumentException("a page has this line once: " + marker);
        }
        return place;
    }
}
