package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code key create}. */
@Command(name = "create", header = "Create a key and print its id.")
final class CreateCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Option(
            names = "--spec",
            paramLabel = "KIND",
            description = "SYMMETRIC_DEFAULT, which is the default; RSA_2048 ..3072 ..4096; ECC_NIST_P256 ..P384 ..P521"
                    + " ..EDWARDS25519; ECC_SECG_P256K1; HMAC_224 ..256 ..384 ..512; ML_DSA_44 ..65 ..87")
    private KeySpec spec = KeySpec.SYMMETRIC_DEFAULT;

    @Option(
            names = "--usage",
            paramLabel = "USAGE",
            description =
                    "what it is for, for all its life; needed where its kind leaves a choice other than the first of"
                            + " these: RSA: ENCRYPT_DECRYPT or SIGN_VERIFY; ECC_NIST_P*: SIGN_VERIFY or KEY_AGREEMENT")
    private @Nullable KeyUsage usage;

    @Parameters(arity = "0..1", paramLabel = "ALIAS", description = "its first alias: alias/NAME")
    private @Nullable KeyId alias;

    CreateCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        KeyId name = alias;
        if (name != null) {
            Aliases.require(name);
        }
        KeyUsage purpose = usage == null ? spec.defaultUsage() : usage;
        if (spec == KeySpec.OTHER || !spec.usages().contains(purpose)) {
            throw new UsageException(
                    spec == KeySpec.OTHER
                            ? "--spec OTHER stands for kinds that this program does not know"
                            : "a key of kind " + spec + " is for "
                                    + spec.usages().stream()
                                            .map(KeyUsage::name)
                                            .sorted()
                                            .collect(Collectors.joining(" or "))
                                    + ", not for " + purpose);
        }
        KeyDescription created;
        try (KeyAdministration administration = backend.openAdministration()) {
            created = name == null
                    ? administration.createKey(spec, purpose)
                    : Aliases.making(name, () -> administration.createKey(spec, purpose, name));
        }
        stdio.println(created.id().value());
        return ExitCode.OK;
    }
}
