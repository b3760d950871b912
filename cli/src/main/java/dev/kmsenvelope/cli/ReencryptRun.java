package dev.kmsenvelope.cli;

import dev.kmsenvelope.cli.MessageFiles.Found;
import dev.kmsenvelope.cli.ReencryptSummary.Outcome;
import dev.kmsenvelope.engine.DataKeyOwner;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.provider.MessageReencryption;
import dev.kmsenvelope.provider.MessageReencryption.State;
import dev.kmsenvelope.spi.KeyReference;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import java.time.Instant;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Moves file after file, and goes on when one fails. */
final class ReencryptRun implements MessageFiles.Visitor {

    /**
     * What is to be done.
     *
     * @param from only messages that this key opens; null for those of all keys of the service
     * @param to the key to move to; null for the newest version of each message's own
     * @param recipients further keys that the new messages are for
     * @param context required of every message
     * @param aad associated data of every message
     * @param options the rest
     */
    record Plan(
            @Nullable KeyId from,
            @Nullable KeyId to,
            List<KeyId> recipients,
            EncryptionContext context,
            byte[] aad,
            MoveOptions options) {}

    private record Move(KmsSecretKey from, KmsSecretKey to) {}

    private final Stdio stdio;
    private final Handles handles;
    private final Plan plan;
    private final @Nullable Instant unknownBefore;
    private final ReencryptSummary summary;
    private final Progress progress;
    private final long expectedFiles;
    private final boolean listing;
    private final Map<Move, MessageReencryption> moves = new HashMap<>();
    private final Map<Set<DataKeyOwner>, KmsSecretKey> fromNames = new HashMap<>();
    private final IdentityHashMap<KeyService, Set<KeyId>> listed = new IdentityHashMap<>();
    private boolean stopped;

    /**
     * Prepares.
     *
     * @param expectedFiles how many there are about, for the progress bar
     * @param listing whether a dry run says on standard output which files it would move
     */
    ReencryptRun(
            Stdio stdio,
            Handles handles,
            Plan plan,
            ReencryptSummary summary,
            Progress progress,
            long expectedFiles,
            boolean listing) {
        this.stdio = stdio;
        this.handles = handles;
        this.plan = plan;
        this.unknownBefore = plan.options().unknownBefore();
        this.summary = summary;
        this.progress = progress;
        this.expectedFiles = expectedFiles;
        this.listing = listing;
    }

    @Override
    public boolean isDone() {
        return stopped || TemporaryFiles.isShuttingDown();
    }

    @Override
    public void file(Found file) throws IOException {
        try {
            move(file);
        } catch (IOException | GeneralSecurityException | ProviderException e) {
            failed(file.shown(), file.path(), e);
        }
        progress.note(summary.files() + "/" + Math.max(expectedFiles, summary.files()) + " files");
    }

    @Override
    public void temporary(Found file) throws IOException {
        try {
            if (!plan.options().dryRun() && ReplacedFile.removeIfStale(file.path())) {
                summary.removedTemporary();
            } else {
                summary.count(Outcome.TEMPORARY);
            }
        } catch (IOException e) {
            failed(file.shown(), file.path(), e);
        }
    }

    @Override
    public void special(Path shown) {
        summary.count(Outcome.SPECIAL);
    }

    @Override
    public void unreadable(Path shown, IOException failure) throws IOException {
        failed(shown, shown, failure);
    }

    private void failed(Path shown, Path path, Exception failure) throws IOException {
        if (failure instanceof BrokenPipeException pipe) {
            throw pipe;
        }
        if (TemporaryFiles.isShuttingDown()) {
            return; // What fails now fails because of that.
        }
        String text = Failures.text(failure);
        String name = path + ": ";
        String reason = text.startsWith(name) ? text.substring(name.length()) : text;
        summary.failed(shown, reason, Failures.code(failure));
        progress.makeRoom();
        stdio.note(Text.oneLine(shown.toString()) + ": " + reason);
        stopped |= plan.options().failFast();
    }

    private void move(Found file) throws IOException, GeneralSecurityException {
        EngineSettings settings = EngineSettings.of(handles.configuration());
        Optional<MessageHeader> header = MessageProbe.read(file.path(), settings.limits());
        if (header.isEmpty()) {
            if (file.named()) {
                throw new InvalidMessageException(Reason.MALFORMED, "not an AWS Encryption SDK message");
            }
            skip(file, Outcome.NO_MESSAGE);
            return;
        }
        Optional<KmsSecretKey> from = from(header.get());
        if (from.isEmpty()) {
            skip(file, Outcome.OTHER_KEY);
            return;
        }
        KmsSecretKey to = to(from.get());
        MessageReencryption reencryption = reencryption(new Move(from.get(), to));
        State state = stateOf(file, reencryption);
        if (state == State.CURRENT) {
            skip(file, Outcome.CURRENT);
        } else if (state == State.UNKNOWN && !isOld(file)) {
            skip(file, Outcome.UNKNOWN_VERSION);
        } else if (plan.options().dryRun()) {
            if (listing) {
                stdio.println(Text.escape(file.shown().toString()));
            }
            progress.advance(file.size());
            summary.moved(file.size(), false, false);
        } else {
            replace(file, reencryption);
        }
    }

    private static State stateOf(Found file, MessageReencryption reencryption)
            throws IOException, GeneralSecurityException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file.path(), LinkOption.NOFOLLOW_LINKS))) {
            return reencryption.stateOf(in);
        }
    }

    /** One for all messages that come from and go to the same keys: it looks each key up once. */
    private MessageReencryption reencryption(Move move) throws GeneralSecurityException {
        MessageReencryption known = moves.get(move);
        if (known == null) {
            MessageReencryption.Builder builder = MessageReencryption.builder(move.from(), move.to())
                    .context(plan.context())
                    .aad(plan.aad());
            if (plan.options().dropSignatures()) {
                builder.dropSignatures();
            }
            if (plan.options().dropRecipients()) {
                builder.dropRecipients();
            }
            known = builder.build();
            moves.put(move, known);
        }
        return known;
    }

    private void skip(Found file, Outcome outcome) {
        progress.advance(file.size());
        summary.count(outcome);
    }

    private boolean isOld(Found file) throws IOException {
        return unknownBefore != null
                && Files.getLastModifiedTime(file.path(), LinkOption.NOFOLLOW_LINKS)
                        .toInstant()
                        .isBefore(unknownBefore);
    }

    private KmsSecretKey to(KmsSecretKey from) {
        KmsSecretKey own = plan.to() == null ? from : handles.of(plan.to());
        try {
            return plan.recipients().isEmpty()
                    ? own
                    : own.withRecipients(
                            plan.recipients().stream().map(handles::of).toList());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--recipient: " + e.getMessage());
        }
    }

    private Optional<KmsSecretKey> from(MessageHeader header) throws InvalidMessageException {
        if (plan.from() == null) {
            return Optional.of(named(header));
        }
        return opens(plan.from(), header) ? Optional.of(handles.of(plan.from())) : Optional.empty();
    }

    /** Where no key has settings, the context does not matter; then the keys are looked for once, and not for every message. */
    private KmsSecretKey named(MessageHeader header) throws InvalidMessageException {
        if (!KeyPolicy.configuredKeys(handles.configuration()).isEmpty()) {
            return find(header);
        }
        Set<DataKeyOwner> owners = new LinkedHashSet<>();
        header.encryptedDataKeys()
                .forEach(key -> owners.add(
                        DataKeyOwner.of(key, List.of(handles.services().main()))));
        KmsSecretKey known = fromNames.get(owners);
        if (known == null) {
            known = plan.to() != null && opens(plan.to(), header)
                    ? handles.of(plan.to()) // Named by the user, so it need not be listed.
                    : find(header);
            fromNames.put(owners, known);
        }
        return known;
    }

    /** Each service lists its keys once, also when many messages are for none of them. */
    private KmsSecretKey find(MessageHeader header) throws InvalidMessageException {
        return new MessageKey(handles, service -> listed.computeIfAbsent(service, MessageKey::listed)).of(header);
    }

    private boolean opens(KeyId name, MessageHeader header) {
        KeyReference reference = handles.reference(name);
        KeyService service = handles.services().of(reference);
        Set<KeyId> keys = service.decryptionKeys(reference.key());
        return header.encryptedDataKeys().stream()
                .anyMatch(key -> service.keyOf(key).filter(keys::contains).isPresent());
    }

    private void replace(Found file, MessageReencryption reencryption) throws IOException, GeneralSecurityException {
        try (ReplacedFile replaced =
                ReplacedFile.open(file.path(), plan.options().splitLinks())) {
            InputStream in = new CountedStream(replaced.in(), progress);
            MessageReencryption.Result result = reencryption.run(in, replaced.out());
            replaced.commit();
            summary.moved(file.size(), result.signatureLost(), result.recipientsLost() > 0);
        }
    }
}
