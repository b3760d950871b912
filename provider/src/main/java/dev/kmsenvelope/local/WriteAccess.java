package dev.kmsenvelope.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Warns, once per process and file, when somebody else can write a key store: who can puts a key file and a secret of his
 * own in place, and reads what is encrypted from then on. The superuser is left out, who reads the memory too. Looks at
 * POSIX attributes, where there are some. Thread-safe.
 */
final class WriteAccess {

    private static final System.Logger LOGGER = System.getLogger(WriteAccess.class.getName());
    private static final String SUPERUSER = "root";
    private static final Set<Path> WARNED = ConcurrentHashMap.newKeySet();

    private WriteAccess() {}

    /** Looks at a key file, its directory and the secrets beside it. */
    static void warn(Path keyFile, List<Path> secrets) {
        List<Path> files = new ArrayList<>(secrets);
        files.add(keyFile);
        Path directory = keyFile.getParent();
        if (directory != null) {
            files.add(directory);
        }
        for (Path file : files) {
            PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
            if (view != null) {
                try {
                    warn(file, view.readAttributes(), System.getProperty("user.name", "?"));
                } catch (IOException e) {
                    // Another process replaced it, or it cannot be looked at: who opens it says so.
                }
            }
        }
    }

    /** The same for one file and the user of this process; "?" if he has no name. */
    static void warn(Path file, PosixFileAttributes attributes, String user) {
        String owner = attributes.owner().getName();
        boolean foreign = !user.equals("?") && !owner.equals(user) && !owner.equals(SUPERUSER);
        boolean shared = attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
                || attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE);
        if ((foreign || shared) && WARNED.add(file)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "{0} {1}: whoever can write a key store can put keys of his own in its place and read what is"
                            + " encrypted from then on. Only the user of this process, {2}, should own it and have access"
                            + " (chmod go= {0}).",
                    file,
                    foreign ? "belongs to " + owner : "can be written by other users of this machine",
                    user);
        }
    }
}
