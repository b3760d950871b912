/**
 * Keys that the application holds itself, in a JCA KeyStore: a PKCS#12 or BCFKS file, or a token behind PKCS#11. AES keys,
 * RSA key pairs, and RSA public keys, which encrypt only.
 */
@NullMarked
package dev.kmsenvelope.application;

import org.jspecify.annotations.NullMarked;
