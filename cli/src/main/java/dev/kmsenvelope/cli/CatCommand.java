package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.provider.DiscoveryFilter;
import dev.kmsenvelope.provider.EnvelopeChannels;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.provider.TinkParameterSpec;
import dev.kmsenvelope.spi.KeyServices;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cat}. */
@Command(
        name = "cat",
        header = "Print a part of a message's plaintext, reading only that part.",
        description = {
            "Of the message, its header, its end and the frames with the part are read and verified: the length of the"
                    + " plaintext, and every byte that is printed. Frames that are not asked for are not looked at. A signed"
                    + " message, or one without frames, can only be verified as a whole: use decrypt. With"
                    + " --tink-keyset, the message is a stream of Tink, and its segments are what frames are of others."
        })
final class CatCommand implements Callable<Integer>, MessageReader {

    private static final int CHUNK = 64 * 1024;

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Mixin
    private MessageOptions message = new MessageOptions();

    @Mixin
    private KeyToRead key = new KeyToRead();

    @Mixin
    private TinkStreamOptions tink = new TinkStreamOptions();

    @Option(
            names = {"-r", "--range"},
            paramLabel = "RANGE",
            description =
                    "which bytes of the plaintext: FIRST-LAST counted from 0, both included; FIRST- up to the end;"
                            + " -COUNT for the last ones (default: all)")
    private @Nullable String range;

    @Parameters(paramLabel = "FILE", description = "the message; a file, since parts of a pipe cannot be skipped")
    private Path file = Path.of("");

    CatCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Path source() {
        return file;
    }

    @Override
    public Integer call() throws IOException, GeneralSecurityException {
        ByteRange wanted = range == null ? ByteRange.ALL : ByteRange.parse(range);
        Configuration configuration = backend.configuration();
        EnvelopeParameterSpec parameters = message.parameters().build();
        byte[] aad = message.associatedData();
        Optional<KeyId> named = key.named();
        DiscoveryFilter discovery = key.discovery();
        if (tink.isGiven() && (named.isEmpty() || !parameters.context().isEmpty())) {
            throw new UsageException("--tink-keyset needs --key, and goes without --context: a stream of Tink names no"
                    + " key and has no encryption context");
        }
        Optional<TinkParameterSpec> stream = tink.parameters();
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a directory");
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new FileSystemException(
                    file.toString(), null, "is no regular file, so parts of it cannot be skipped");
        }
        try (KeyServices services = KeyServices.openLazily(configuration);
                SeekableByteChannel in = FileChannel.open(file)) {
            Handles handles = new Handles(services, configuration, discovery);
            KmsSecretKey handle = named.isEmpty() ? keyOfMessage(handles) : handles.of(named.get());
            EnvelopeChannels channels =
                    EnvelopeChannels.of(handle).with(parameters).withAad(aad);
            try (SeekableByteChannel plaintext =
                    stream.map(channels::with).orElse(channels).open(in)) {
                print(plaintext, wanted);
            } catch (KeyNotFoundException e) {
                throw named.isEmpty() ? e : handles.suggest(e, List.of(named.get()));
            }
        }
        return ExitCode.OK;
    }

    private KmsSecretKey keyOfMessage(Handles handles) throws IOException, GeneralSecurityException {
        try (InputStream stream = new BufferedInputStream(Files.newInputStream(file))) {
            return new MessageKey(handles).of(stream);
        }
    }

    private void print(SeekableByteChannel plaintext, ByteRange wanted) throws IOException, AEADBadTagException {
        long size = plaintext.size();
        if (wanted.isBeyond(size)) {
            throw new UsageException("--range: the plaintext has " + size + " bytes, none at " + wanted.first());
        }
        plaintext.position(wanted.from(size));
        OutputStream out = stdio.out();
        byte[] chunk = new byte[CHUNK];
        try {
            long left = wanted.count(size);
            while (left > 0) {
                ByteBuffer room = ByteBuffer.wrap(chunk, 0, (int) Math.min(left, chunk.length));
                int count = read(plaintext, room);
                out.write(chunk, 0, count);
                left -= count;
            }
            out.flush();
        } finally {
            Arrays.fill(chunk, (byte) 0);
        }
    }

    /** What is wrong with the message is not a failure of the file. */
    private static int read(SeekableByteChannel plaintext, ByteBuffer room) throws IOException, AEADBadTagException {
        try {
            return plaintext.read(room);
        } catch (IOException e) {
            if (e.getCause() instanceof AEADBadTagException bad) {
                throw bad;
            }
            throw e;
        }
    }
}
