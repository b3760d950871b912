/** The KeyStore of type {@code KMS}: the keys of a key-management service as entries of a keystore. */
@NullMarked
package dev.kmsenvelope.keystore;

import org.jspecify.annotations.NullMarked;
