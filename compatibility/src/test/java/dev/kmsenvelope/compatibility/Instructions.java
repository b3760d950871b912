package dev.kmsenvelope.compatibility;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a page of the documentation tells the reader to write into files and to run: its fenced blocks, by their first line. */
final class Instructions {

    private static final String FENCE = "```";
    private static final String TITLE = "# ";
    private static final String CONTINUED = "\\";

    private final Map<String, List<String>> blocks = new LinkedHashMap<>();

    private Instructions() {}

    /** Reads a page of {@code docs}. */
    static Instructions of(String page) throws IOException {
        Instructions read = new Instructions();
        boolean inside = false;
        String title = "";
        for (String line : Files.readAllLines(Path.of(System.getProperty("basedir", ""), "..", "docs", page))) {
            if (line.startsWith(FENCE)) {
                inside = !inside;
                title = "";
            } else if (inside && title.isEmpty()) {
                title = line;
                read.blocks.put(line, new ArrayList<>());
            } else if (inside) {
                read.blocks.get(title).add(line);
            }
        }
        return read;
    }

    /** The lines of a block below its title. */
    List<String> block(String title) {
        List<String> found = blocks.get(TITLE + title);
        if (found == null) {
            throw new IllegalArgumentException("the page has no block '" + title + "' but " + blocks.keySet());
        }
        return found;
    }

    /** The commands of a block, in words. */
    List<List<String>> commands(String title) {
        String all = String.join("\n", block(title)).replace(CONTINUED + "\n", " ");
        return all.lines().map(line -> List.of(line.strip().split(" +"))).toList();
    }
}
