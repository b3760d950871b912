package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Output;
import dev.kmsenvelope.cli.OutputOptions;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.PublicKeyService;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code key public-key}. Unlike the others of its group, it takes the right to use the key. */
@Command(
        name = "public-key",
        header = "Write the public half of a key pair.",
        description = "As PEM (RFC 7468), on standard output without -o: what OpenSSL, Java and others read.")
final class PublicKeyCommand implements Callable<Integer> {

    private static final int LINE_LENGTH = 64;

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "KEY")
    private KeyId key;

    PublicKeyCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        byte[] publicKey;
        try (KeyService service = backend.openService()) {
            publicKey = service.capability(PublicKeyService.class)
                    .orElseThrow(() -> new UsageException("the backend " + service.name() + " has no public keys"))
                    .publicKey(key);
        }
        try (Output out = output.open(stdio, backend.files(backend.configuration()), null, false)) {
            out.stream().write(pem(publicKey).getBytes(StandardCharsets.US_ASCII));
            out.commit();
        }
        return ExitCode.OK;
    }

    private static String pem(byte[] publicKey) {
        String base64 = Base64.getMimeEncoder(LINE_LENGTH, new byte[] {'\n'}).encodeToString(publicKey);
        return "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n";
    }
}
