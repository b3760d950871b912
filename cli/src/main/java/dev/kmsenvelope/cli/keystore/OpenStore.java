package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.PinnedKey;
import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.keystore.file.StoreFile;
import dev.kmsenvelope.keystore.file.StoreSeal;
import dev.kmsenvelope.keystore.file.StoreWrapping;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.spi.KeyServices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A keystore file with the services that it needs, as it was when it was read. What is written replaces only that. */
final class OpenStore implements AutoCloseable {

    private final KeyServices services;
    private final PinnedKey pinned;
    private final StoreFile file;
    private final byte @Nullable [] before;
    private final StoreContent content;

    private OpenStore(KeyServices services, PinnedKey pinned, Path path, boolean isNew) throws IOException {
        this.services = services;
        this.pinned = pinned;
        this.file = StoreFile.at(path);
        if (isNew) {
            before = null;
            content = StoreContent.create();
        } else {
            byte[] read = file.read();
            before = read;
            content = new StoreSeal(services.main(), pinned.toOpen(), pinned.minGeneration()).open(read);
        }
    }

    /** Opens a file: one request. The caller closes it. */
    static OpenStore read(Configuration configuration, Path path) throws IOException {
        return open(configuration, path, false);
    }

    /** A file that is to be made. The caller closes it. */
    static OpenStore create(Configuration configuration, Path path) throws IOException {
        if (!path.toString().isEmpty() && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(path + " exists already; a keystore file is made under a new name");
        }
        return open(configuration, path, true);
    }

    private static OpenStore open(Configuration configuration, Path path, boolean isNew) throws IOException {
        if (path.toString().isEmpty()) {
            throw new UsageException("the name of the keystore file is empty");
        }
        KeyServices services = KeyServices.open(configuration);
        boolean done = false;
        try {
            OpenStore store = new OpenStore(services, PinnedKey.of(services.main(), configuration), path, isNew);
            done = true;
            return store;
        } finally {
            if (!done) {
                services.close();
            }
        }
    }

    StoreContent content() {
        return content;
    }

    KeyService service() {
        return services.main();
    }

    StoreWrapping wrapping() {
        return new StoreWrapping(services);
    }

    /** The key that a new entry is wrapped under, and a file sealed, if nothing else is said. */
    KeyId defaultKey() {
        return pinned.toSeal();
    }

    /** Seals and writes what the file is to hold now: one request. */
    void write(StoreContent changed) throws IOException {
        write(changed, pinned.toSeal());
    }

    /** The same under another key than the pinned one. */
    void write(StoreContent changed, KeyId key) throws IOException {
        byte[] sealed = new StoreSeal(services.main(), key, 0).seal(changed);
        try {
            file.write(before, sealed);
        } catch (StoreFileException e) {
            throw new StoreFileException(e.reason(), e.getMessage() + "; run it again", e);
        }
    }

    @Override
    public void close() {
        services.close();
    }
}
