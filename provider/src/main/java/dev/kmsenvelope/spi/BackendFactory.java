package dev.kmsenvelope.spi;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyService;
import java.util.Set;

/**
 * Offers a kind of key-management service under the name that the setting {@code backend} selects it by. Found by {@link
 * java.util.ServiceLoader}; constructing one must do nothing.
 */
public interface BackendFactory {

    /**
     * The value of the setting {@code backend} that means this one.
     *
     * @return for example {@code local}
     */
    String name();

    /**
     * The settings that this backend knows.
     *
     * @return their names, where {@code *} stands for one or more characters
     */
    Set<String> configurationKeys();

    /**
     * Opens the service for those who use keys.
     *
     * @param configuration the settings
     * @return the service; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if it cannot be opened
     */
    KeyService openService(Configuration configuration);

    /**
     * Opens the service for those who administer keys.
     *
     * @param configuration the settings
     * @return the administration; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if it cannot be opened
     * @throws UnsupportedOperationException if keys of this backend are not administered through it
     */
    KeyAdministration openAdministration(Configuration configuration);
}
