package dev.kmsenvelope.local;

import dev.kmsenvelope.files.DurableFiles;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * What tells one content of a path from another without reading it; see {@link DurableFiles} for why no two have the same.
 *
 * @param key the inode, or null where there is none
 * @param size in bytes
 * @param modified when
 */
record FileIdentity(
        @Nullable Object key, long size, @Nullable FileTime modified) {

    /** No file is there. */
    static final FileIdentity ABSENT = new FileIdentity(null, -1, null);

    /**
     * Looks at a file.
     *
     * @throws KeyFileException if it is there but not a file to read
     */
    static FileIdentity of(Path file) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw new KeyFileException(file + " must be a file");
            }
            return new FileIdentity(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
        } catch (NoSuchFileException e) {
            requireDirectory(file.getParent());
            return ABSENT;
        } catch (AccessDeniedException e) {
            throw new KeyFileException("the key file " + file + " cannot be read: permission denied", e);
        } catch (FileSystemException e) {
            requireDirectory(file.getParent());
            throw e;
        }
    }

    /** JDKs differ in how they report a path through a file. */
    private static void requireDirectory(@Nullable Path directory) {
        if (directory != null && Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new KeyFileException("local.directory = " + directory + " must be a directory");
        }
    }
}
