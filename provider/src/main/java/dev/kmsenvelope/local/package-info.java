/**
 * The embedded key service: keys with versions, aliases and use counts in one sealed file, for use without a network and
 * without any set-up.
 *
 * <p>It protects keys from whoever gets the data but not the key directory, and with a passphrase from whoever gets the
 * directory but not the passphrase. It does not protect them from whoever can read the memory of the process.
 */
@NullMarked
package dev.kmsenvelope.local;

import org.jspecify.annotations.NullMarked;
