package dev.kmsenvelope.cli;

import dev.kmsenvelope.cli.KeyLookup.Place;
import dev.kmsenvelope.cli.MessageFiles.Found;
import dev.kmsenvelope.engine.DataKeyOwner;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Collects which keys and versions files depend on, out of the headers of messages, which are not verified. Memory grows
 * with the keys and not with the files.
 */
final class Dependencies implements MessageFiles.Visitor {

    /**
     * What a file can depend on.
     *
     * @param owner the key
     * @param version its version, or no characters where that is not known
     */
    record Dependency(DataKeyOwner owner, String version) implements Comparable<Dependency> {

        /** Versions that are numbers in their order. */
        @Override
        public int compareTo(Dependency other) {
            return order().compareTo(other.order());
        }

        private String order() {
            return String.join(
                    "\n", owner.provider(), owner.isKnown() ? "0" : "1", owner.key(), String.format("%40s", version));
        }
    }

    /**
     * The files that depend on one key and version.
     *
     * @param only how many nothing else opens
     * @param oneOfSeveral how many something else opens too
     * @param bytes how long they are together
     * @param oldest when the one was modified that was not modified for the longest time
     */
    record Usage(long only, long oneOfSeveral, long bytes, Instant oldest) {

        Usage plus(Usage other) {
            return new Usage(
                    only + other.only,
                    oneOfSeveral + other.oneOfSeveral,
                    bytes + other.bytes,
                    oldest.isBefore(other.oldest) ? oldest : other.oldest);
        }
    }

    private final Stdio stdio;
    private final KeyLookup keys;
    private final HeaderLimits limits;
    private final boolean asking;
    private final Progress progress;
    private final Map<Dependency, Usage> usages = new TreeMap<>();
    private long messages;
    private long noMessages;
    private long special;
    private long failed;
    private int code = ExitCode.OK;

    /**
     * Prepares.
     *
     * @param asking whether the service may be asked for versions that it cannot tell otherwise
     */
    Dependencies(Stdio stdio, KeyLookup keys, HeaderLimits limits, boolean asking, Progress progress) {
        this.stdio = stdio;
        this.keys = keys;
        this.limits = limits;
        this.asking = asking;
        this.progress = progress;
    }

    Map<Dependency, Usage> usages() {
        return Collections.unmodifiableMap(usages);
    }

    long messages() {
        return messages;
    }

    /** Files of another kind. */
    long noMessages() {
        return noMessages;
    }

    /** Links, devices and the like, which were not looked at. */
    long special() {
        return special;
    }

    /** Files that cannot be read, or start like a message and are none that can be read. */
    long failed() {
        return failed;
    }

    /** That of the first failure. */
    int code() {
        return code;
    }

    @Override
    public boolean isDone() {
        return TemporaryFiles.isShuttingDown();
    }

    @Override
    public void file(Found file) throws IOException {
        try {
            Optional<MessageHeader> header = MessageProbe.read(file.path(), limits);
            if (header.isPresent()) {
                add(file, header.get());
            } else if (file.named()) {
                throw new InvalidMessageException(Reason.MALFORMED, "not an AWS Encryption SDK message");
            } else {
                noMessages++;
            }
        } catch (IOException | InvalidMessageException | KmsException e) {
            failed(file.shown(), e);
        }
        progress.advance(file.size());
    }

    private void add(Found file, MessageHeader header) throws IOException {
        Instant modified = Files.getLastModifiedTime(file.path(), LinkOption.NOFOLLOW_LINKS)
                .toInstant();
        Set<Dependency> dependencies = new LinkedHashSet<>();
        for (EncryptedDataKey key : header.encryptedDataKeys()) {
            dependencies.add(dependency(key, header.context()));
        }
        int only = dependencies.size() == 1 ? 1 : 0;
        Usage usage = new Usage(only, 1 - only, file.size(), modified);
        dependencies.forEach(dependency -> usages.merge(dependency, usage, Usage::plus));
        messages++;
    }

    private Dependency dependency(EncryptedDataKey key, EncryptionContext context) {
        return keys.of(key)
                .map(place -> new Dependency(
                        new DataKeyOwner(place.service(), place.key().value(), true), version(place, key, context)))
                .orElseGet(() -> new Dependency(DataKeyOwner.of(key, List.of()), ""));
    }

    private String version(Place place, EncryptedDataKey key, EncryptionContext context) {
        KeyService service = keys.service(place);
        if (service.versionTakesRequest() && !asking) {
            return "";
        }
        try {
            return service.versionOf(place.key(), key, context).orElse("");
        } catch (InvalidCiphertextException | KeyNotFoundException e) {
            return ""; // Changed, or its key or the version is gone.
        }
    }

    @Override
    public void special(Path shown) {
        special++;
    }

    @Override
    public void unreadable(Path shown, IOException failure) {
        failed(shown, failure);
    }

    private void failed(Path shown, Exception failure) {
        failed++;
        code = code == ExitCode.OK ? Failures.code(failure) : code;
        String text = Failures.text(failure);
        String name = shown + ": ";
        progress.makeRoom();
        stdio.note(Text.oneLine(name) + " " + (text.startsWith(name) ? text.substring(name.length()) : text));
    }
}
