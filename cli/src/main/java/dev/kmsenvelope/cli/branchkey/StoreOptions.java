package dev.kmsenvelope.cli.branchkey;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeys;
import dev.kmsenvelope.spi.KeyServices;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the branch keys are: the options that all commands with them share. */
final class StoreOptions {

    @Mixin
    private Backend backend = new Backend();

    @Option(
            names = "--service",
            paramLabel = "NAME",
            description = "the store of a further service: with its settings service.NAME.hierarchical.*")
    private @Nullable String service;

    /** For picocli. */
    StoreOptions() {}

    /** Opens the store; the caller closes it. */
    BranchKeyAdministration open() {
        Configuration configuration = backend.configuration();
        String name = service;
        if (name == null) {
            return BranchKeys.openAdministration(configuration);
        }
        if (!KeyServices.names(configuration).contains(name)) {
            throw new UsageException("--service: there is no key service '" + name + "' in the settings");
        }
        return BranchKeys.openAdministration(KeyServices.settings(configuration, name));
    }
}
