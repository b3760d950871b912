package dev.kmsenvelope.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files that a command line names: files, and those in folders and their subfolders. Always in the same order: as named,
 * and within a folder by name. What is named twice, or lies in a folder that was named before, comes once.
 *
 * <p>A link that is named stands for what it points to. Links within folders are not followed, so that nothing outside is
 * touched. Names of one folder at a time are held in memory.
 */
final class MessageFiles {

    private static final Pattern TEMPORARY = Pattern.compile("\\.kms-envelope-(?:replace-)?[0-9a-f]{16}\\.tmp");

    private final List<Root> roots = new ArrayList<>();
    private final List<Missing> missing = new ArrayList<>();

    /**
     * A file to look at.
     *
     * @param path where it is, without links
     * @param shown how to call it
     * @param named whether the command line names it, and not a folder that it is in
     * @param size in bytes, when it was found
     */
    record Found(Path path, Path shown, boolean named, long size) {}

    /** Takes what is found, one by one. */
    interface Visitor {

        /** A regular file. */
        void file(Found file) throws IOException;

        /** A temporary file, of a command that is running or was killed. */
        default void temporary(Found file) throws IOException {}

        /** A link, device, pipe or socket in a folder. */
        default void special(Path shown) {}

        /** What cannot be read, or is named and not a file. */
        void unreadable(Path shown, IOException failure) throws IOException;

        /** Whether to stop. */
        default boolean isDone() {
            return false;
        }
    }

    private record Root(Path path, Path shown) {}

    private record Missing(Path shown, IOException failure) {}

    MessageFiles(List<Path> named) {
        for (Path shown : named) {
            try {
                Path path = shown.toRealPath();
                if (roots.stream().noneMatch(root -> path.startsWith(root.path))) {
                    roots.add(new Root(path, shown));
                }
            } catch (IOException e) {
                missing.add(new Missing(shown, e));
            }
        }
    }

    /** Visits all of them. What the visitor throws ends it. */
    void visit(Visitor visitor) throws IOException {
        for (Missing path : missing) {
            visitor.unreadable(path.shown, path.failure);
        }
        for (int i = 0; i < roots.size() && !visitor.isDone(); i++) {
            new Walk(visitor, roots.subList(0, i)).visit(roots.get(i).path, roots.get(i).shown, true);
        }
    }

    private record Walk(Visitor visitor, List<Root> before) {

        void visit(Path path, Path shown, boolean named) throws IOException {
            if (visitor.isDone() || before.stream().anyMatch(root -> path.equals(root.path))) {
                return;
            }
            BasicFileAttributes attributes;
            List<Path> children = List.of();
            try {
                attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (attributes.isDirectory()) {
                    children = children(path);
                }
            } catch (IOException e) {
                visitor.unreadable(shown, e);
                return;
            }
            if (attributes.isDirectory()) {
                for (Path child : children) {
                    visit(path.resolve(child), shown.resolve(child), false);
                }
            } else if (!attributes.isRegularFile()) {
                if (named) {
                    visitor.unreadable(
                            shown, new FileSystemException(shown.toString(), null, "neither a file nor a folder"));
                } else {
                    visitor.special(shown);
                }
            } else {
                Found file = new Found(path, shown, named, attributes.size());
                if (!named && TEMPORARY.matcher(path.getFileName().toString()).matches()) {
                    visitor.temporary(file);
                } else {
                    visitor.file(file);
                }
            }
        }

        private static List<Path> children(Path directory) throws IOException {
            try (Stream<Path> list = Files.list(directory)) {
                return list.map(Path::getFileName).sorted().toList();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
    }
}
