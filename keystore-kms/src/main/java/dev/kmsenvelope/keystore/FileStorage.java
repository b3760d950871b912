package dev.kmsenvelope.keystore;

import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.keystore.file.StoreFile;
import dev.kmsenvelope.keystore.file.StoreSeal;
import dev.kmsenvelope.kms.KeyService;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the content of a keystore file came from and goes to. What is written without having been changed is what was read,
 * byte for byte, and the service is not asked. Several places may have it: they are copies of one file, with one id. What
 * each holds is remembered, so that only the writes of others are taken for such. Not thread-safe: whoever changes entries
 * holds a lock.
 */
final class FileStorage {

    private final KeyService service;
    private final PinnedKey pinned;
    private final long minGeneration;

    /** The file that was read, if it was one. */
    private final @Nullable Path file;

    /** What was read or written last, and what it holds; without bytes, a new and empty file that is nowhere yet. */
    private StoreContent saved;

    private byte @Nullable [] bytes;

    /** What was read at or written to each place, behind all links. */
    private final Map<Path, byte[]> places = new HashMap<>();

    private FileStorage(
            KeyService service,
            PinnedKey pinned,
            long minGeneration,
            @Nullable Path file,
            StoreContent saved,
            byte @Nullable [] bytes) {
        this.service = service;
        this.pinned = pinned;
        this.minGeneration = minGeneration;
        this.file = file;
        this.saved = saved;
        this.bytes = bytes;
    }

    /** There is no file yet. The service is not asked. */
    static FileStorage empty(KeyService service, PinnedKey pinned, long minGeneration) {
        return new FileStorage(service, pinned, minGeneration, null, StoreContent.create(), null);
    }

    /**
     * Opens what was read.
     *
     * @param bytes all of it; taken over
     * @param file where it was read from, or null for a stream
     * @throws dev.kmsenvelope.keystore.StoreFileException if it is not a keystore file of the pinned key
     * @throws dev.kmsenvelope.kms.KmsException if the service fails
     */
    static FileStorage open(KeyService service, PinnedKey pinned, long minGeneration, byte[] bytes, @Nullable Path file)
            throws IOException {
        StoreContent content = new StoreSeal(service, pinned.toOpen(), minGeneration).open(bytes);
        FileStorage opened = new FileStorage(service, pinned, minGeneration, file, content, bytes);
        if (file != null) {
            opened.places.put(StoreFile.at(file).place(), bytes);
        }
        return opened;
    }

    /** What was read or written last; a new and empty file if nothing was. */
    StoreContent saved() {
        return saved;
    }

    /** The file that was read, if it was one. */
    Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    @SuppressWarnings("ReferenceEquality") // content that was not changed is the same object
    boolean isUnsaved(FileEntries entries) {
        return entries.content() != saved;
    }

    /** Writes to a stream. */
    void write(FileEntries entries, OutputStream out) throws IOException {
        byte[] sealed = seal(entries);
        out.write(sealed);
        out.flush();
        saved(entries, sealed);
    }

    /**
     * Writes to a file, unless somebody else wrote to it since it was read.
     *
     * @throws dev.kmsenvelope.keystore.StoreFileException if somebody did
     */
    void write(FileEntries entries, Path path) throws IOException {
        StoreFile target = StoreFile.at(path);
        Path place = target.place();
        byte[] before = before(target, place);
        byte[] sealed = seal(entries);
        target.write(before, sealed);
        places.put(place, sealed);
        saved(entries, sealed);
    }

    /** What is to be there: nothing, or what this has read or written, be it through a stream that led there. */
    private byte @Nullable [] before(StoreFile target, Path place) throws IOException {
        byte[] known = places.get(place);
        if (!Files.exists(place)) {
            return known;
        }
        byte[] now = target.read();
        if (Arrays.equals(now, bytes)) {
            return now;
        }
        if (known == null) {
            throw new IOException("there is a file " + target
                    + " already, which was not loaded: load it and add to it, or remove it first");
        }
        return known;
    }

    /** A generation that may have got out is not given to other content, also if writing failed. */
    private byte[] seal(FileEntries entries) throws IOException {
        byte[] known = bytes;
        if (known != null && !isUnsaved(entries)) {
            return known;
        }
        StoreContent content = entries.content();
        byte[] sealed = new StoreSeal(service, pinned.toSeal(), minGeneration).seal(content);
        entries.change(content.next());
        return sealed;
    }

    private void saved(FileEntries entries, byte[] sealed) {
        bytes = sealed;
        saved = entries.content();
    }
}
