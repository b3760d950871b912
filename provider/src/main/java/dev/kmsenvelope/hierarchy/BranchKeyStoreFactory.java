package dev.kmsenvelope.hierarchy;

import dev.kmsenvelope.config.Configuration;
import java.util.Set;

/**
 * Offers a kind of store under the name that the setting {@value BranchKeys#STORE} selects it by. Found by {@link
 * java.util.ServiceLoader}; constructing one must do nothing.
 */
public interface BranchKeyStoreFactory {

    /**
     * The value of the setting that means this one.
     *
     * @return for example {@code file}
     */
    String name();

    /**
     * The settings that this kind of store knows.
     *
     * @return their names
     */
    Set<String> configurationKeys();

    /**
     * Opens the store for those who use branch keys.
     *
     * @param configuration the settings
     * @return the store; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if it cannot be opened
     */
    BranchKeyStore openStore(Configuration configuration);

    /**
     * Opens the store for those who administer branch keys.
     *
     * @param configuration the settings
     * @return the administration; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if it cannot be opened
     */
    BranchKeyAdministration openAdministration(Configuration configuration);
}
