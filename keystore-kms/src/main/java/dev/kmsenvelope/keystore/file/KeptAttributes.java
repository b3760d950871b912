package dev.kmsenvelope.keystore.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file keeps when another one takes its place: owner, group and permissions, the access control list where the Java
 * runtime can read one (on Windows; not the ACLs of Linux and macOS), and the attributes that users and programs give. Links
 * are not followed.
 */
public final class KeptAttributes {

    private KeptAttributes() {}

    /**
     * Gives a new file what an old one has, as far as the file system knows such things. Permissions mean something only
     * together with the owner and the group that have them, so it is all or an exception.
     *
     * @param old the file whose place is taken
     * @param made the new one
     * @throws IOException if something cannot be kept
     */
    public static void keep(Path old, Path made) throws IOException {
        PosixFileAttributeView from = view(old, PosixFileAttributeView.class);
        PosixFileAttributeView to = view(made, PosixFileAttributeView.class);
        if (from != null && to != null) {
            PosixFileAttributes wanted = from.readAttributes();
            PosixFileAttributes now = to.readAttributes();
            try {
                if (!now.group().equals(wanted.group())) {
                    to.setGroup(wanted.group());
                }
                keepOwner(from, to);
            } catch (FileSystemException e) {
                throw lost(old, "owner or group", e);
            }
            to.setPermissions(wanted.permissions());
        }
        keepAcl(old, view(old, AclFileAttributeView.class), view(made, AclFileAttributeView.class));
        keepUserDefined(view(old, UserDefinedFileAttributeView.class), view(made, UserDefinedFileAttributeView.class));
    }

    private static <V extends FileAttributeView> @Nullable V view(Path path, Class<V> type) {
        return Files.getFileAttributeView(path, type, LinkOption.NOFOLLOW_LINKS);
    }

    private static void keepOwner(FileOwnerAttributeView from, FileOwnerAttributeView to) throws IOException {
        if (!to.getOwner().equals(from.getOwner())) {
            to.setOwner(from.getOwner());
        }
    }

    /** Gives a file the owner of another one, if this process may. */
    static void tryToKeepOwner(Path old, Path made) throws IOException {
        FileOwnerAttributeView from = view(old, FileOwnerAttributeView.class);
        FileOwnerAttributeView to = view(made, FileOwnerAttributeView.class);
        if (from != null && to != null) {
            try {
                keepOwner(from, to);
            } catch (FileSystemException e) {
                // It stays with who made it.
            }
        }
    }

    /** The list goes last: it could take away the right to set it. */
    static void keepAcl(Path old, @Nullable AclFileAttributeView from, @Nullable AclFileAttributeView to)
            throws IOException {
        if (from == null || to == null) {
            return;
        }
        try {
            keepOwner(from, to);
            to.setAcl(from.getAcl());
        } catch (FileSystemException e) {
            throw lost(old, "owner or access control list", e);
        }
    }

    private static void keepUserDefined(
            @Nullable UserDefinedFileAttributeView from, @Nullable UserDefinedFileAttributeView to) throws IOException {
        if (from == null || to == null) {
            return;
        }
        List<String> names;
        try {
            names = from.list();
        } catch (FileSystemException e) {
            return; // The Java runtime offers the view, the file system has none.
        }
        for (String name : names) {
            ByteBuffer value = ByteBuffer.allocate(from.size(name));
            from.read(name, value);
            to.write(name, value.flip());
        }
    }

    private static FileSystemException lost(Path old, String what, FileSystemException cause) {
        FileSystemException named =
                new FileSystemException(old.toString(), null, "its " + what + " cannot be kept; run this as its owner");
        named.initCause(cause);
        return named;
    }
}
