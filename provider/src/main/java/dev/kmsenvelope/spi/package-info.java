/**
 * What other modules add to the provider: key-management backends and keystores, found by {@link java.util.ServiceLoader}
 * through this library's own class loader when they are first needed.
 */
@NullMarked
package dev.kmsenvelope.spi;

import org.jspecify.annotations.NullMarked;
