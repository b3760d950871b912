package dev.kmsenvelope.hierarchy.file;

import dev.kmsenvelope.files.DirectoryLock;
import dev.kmsenvelope.files.DurableFiles;
import dev.kmsenvelope.hierarchy.BranchKeyConflictException;
import dev.kmsenvelope.hierarchy.BranchKeyStoreException;
import dev.kmsenvelope.hierarchy.item.BranchKeyItem;
import dev.kmsenvelope.hierarchy.item.ItemTable;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The items of a store in one file, which is only ever replaced as a whole, under the lock of its directory. What was read is
 * remembered as long as the file stays the same, which each reader looks at first. Thread-safe, and safe with other processes.
 *
 * <p>Each change writes the whole file: it is for some thousands of branch keys, not for millions.
 */
final class FileTable implements ItemTable {

    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(30);

    private final Path file;
    private final DurableFiles files;
    private final boolean mustExist;
    private Snapshot known = Snapshot.ABSENT; // Guarded by this.

    private record Name(String id, String type) {

        static Name of(BranchKeyItem item) {
            return new Name(item.id(), item.type());
        }
    }

    /** What tells one content from another; {@link DurableFiles} says why no two have the same. */
    private record Identity(@Nullable Object key, long size, FileTime modified) {

        static @Nullable Identity of(Path file) throws IOException {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                if (!attributes.isRegularFile()) {
                    throw new KmsConfigurationException(file + " ('" + FileStoreFactory.FILE + "') must be a file");
                }
                return new Identity(attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
            } catch (NoSuchFileException e) {
                return null;
            }
        }
    }

    private record Snapshot(@Nullable Identity identity, Map<Name, BranchKeyItem> items) {

        static final Snapshot ABSENT = new Snapshot(null, Map.of());
    }

    /** One that the first branch key makes. */
    FileTable(Path file, DurableFiles files) {
        this(file, files, false);
    }

    private FileTable(Path file, DurableFiles files, boolean mustExist) {
        this.file = file.toAbsolutePath().normalize();
        this.files = files;
        this.mustExist = mustExist;
    }

    /** One for those who use branch keys: where there is none, the path is wrong, or what it is on is not there. */
    static FileTable toUse(Path file, DurableFiles files) {
        return new FileTable(file, files, true);
    }

    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public Optional<BranchKeyItem> get(String id, String type) {
        return Optional.ofNullable(items().get(new Name(id, type)));
    }

    @Override
    public List<BranchKeyItem> all(String id) {
        return items().values().stream().filter(item -> item.id().equals(id)).toList();
    }

    @Override
    public List<BranchKeyItem> active() {
        return items().values().stream()
                .filter(item -> item.type().equals(BranchKeyItem.ACTIVE))
                .toList();
    }

    private Map<Name, BranchKeyItem> items() {
        try {
            return newest();
        } catch (IOException e) {
            throw new KmsUnavailableException("cannot read the branch keys in " + file + ": " + e, e);
        }
    }

    private synchronized Map<Name, BranchKeyItem> newest() throws IOException {
        Identity found = Identity.of(file);
        if (found == null) {
            if (mustExist) {
                throw new BranchKeyStoreException(
                        "there is no file " + file + ", which '" + FileStoreFactory.FILE
                                + "' names as that of the branch keys",
                        null);
            }
            known = Snapshot.ABSENT;
        } else if (!found.equals(known.identity())) {
            known = new Snapshot(
                    found, read()); // A newer file than the one that was looked at is read again next time.
        }
        return known.items();
    }

    private Map<Name, BranchKeyItem> read() throws IOException {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(ItemFile.MAX_LENGTH + 1);
        }
        if (content.length > ItemFile.MAX_LENGTH) {
            throw new BranchKeyStoreException("the file " + file + " is too long for branch keys", null);
        }
        try {
            Map<Name, BranchKeyItem> items = new LinkedHashMap<>();
            for (BranchKeyItem item : ItemFile.decode(content)) {
                if (items.put(Name.of(item), item) != null) {
                    throw new BranchKeyStoreException("it has an item twice: " + item, null);
                }
            }
            return items;
        } catch (BranchKeyStoreException e) {
            throw new BranchKeyStoreException("the file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void create(List<BranchKeyItem> items) {
        change(present -> {
            for (BranchKeyItem item : items) {
                if (present.put(Name.of(item), item) != null) {
                    throw new BranchKeyConflictException(
                            "the branch key " + item.id() + " exists already in " + file, null);
                }
            }
        });
    }

    @Override
    public void rotate(BranchKeyItem old, BranchKeyItem version, BranchKeyItem active) {
        change(present -> {
            BranchKeyItem found = present.put(Name.of(active), active);
            if (found == null
                    || !Arrays.equals(found.encrypted(), old.encrypted())
                    || present.put(Name.of(version), version) != null) {
                throw new BranchKeyConflictException(
                        "the branch key " + old.id() + " was changed by somebody else in the same moment, in " + file,
                        null);
            }
        });
    }

    private interface Change {
        void apply(Map<Name, BranchKeyItem> items);
    }

    private void change(Change change) {
        Path directory = file.getParent();
        if (directory == null) {
            throw new KmsConfigurationException(file + " ('" + FileStoreFactory.FILE + "') must be a file");
        }
        // An interrupt would close channels under us half-way; it is kept for later.
        boolean interrupted = Thread.interrupted();
        try {
            files.createDirectories(directory);
            DirectoryLock.Held lock = DirectoryLock.acquire(directory, LOCK_PATIENCE);
            try (lock) {
                Map<Name, BranchKeyItem> items = new LinkedHashMap<>(newest());
                change.apply(items);
                files.replace(file, ItemFile.encode(items.values()));
            }
        } catch (IOException e) {
            throw new KmsUnavailableException("cannot write the branch keys in " + file + ": " + e, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        // It holds nothing that is open.
    }
}
