/** The KMS KeyStore. */
@NullMarked
package dev.kmsenvelope.keystore;

import org.jspecify.annotations.NullMarked;
