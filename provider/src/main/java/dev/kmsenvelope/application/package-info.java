/** Keys that the application holds itself, in a JCA KeyStore: a PKCS#12 file, or a token behind PKCS#11. */
@NullMarked
package dev.kmsenvelope.application;

import org.jspecify.annotations.NullMarked;
