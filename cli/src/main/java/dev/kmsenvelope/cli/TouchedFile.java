package dev.kmsenvelope.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A file that says something by its modification time alone. */
final class TouchedFile {

    /** Steps by which file systems tell times apart, in milliseconds: most of them, and the coarsest. */
    private static final long[] STEPS = {1, 2000};

    private TouchedFile() {}

    /**
     * Gives the file another modification time than it had: now, or where that is none, a later one. Makes it if there is none.
     *
     * @throws UsageException if there is something else than a file of that name: a link would have another file changed
     * @throws IOException if it cannot be changed or made, because there is no such directory, for one
     */
    static void touch(Path file) throws IOException {
        if (create(file)) {
            return;
        }
        BasicFileAttributeView view =
                Files.getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (!view.readAttributes().isRegularFile()) {
            throw new UsageException(file + " is not a file");
        }
        FileTime before = view.readAttributes().lastModifiedTime();
        view.setTimes(FileTime.fromMillis(System.currentTimeMillis()), null, null);
        for (long step : STEPS) {
            if (!view.readAttributes().lastModifiedTime().equals(before)) {
                return;
            }
            view.setTimes(FileTime.fromMillis(before.toMillis() + step), null, null);
        }
        if (view.readAttributes().lastModifiedTime().equals(before)) {
            throw new IOException("the modification time of " + file + " cannot be changed");
        }
    }

    private static boolean create(Path file) throws IOException {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<Set<PosixFilePermission>> owner =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try {
            if (posix) {
                Files.createFile(file, owner);
            } else {
                Files.createFile(file);
            }
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }
}
