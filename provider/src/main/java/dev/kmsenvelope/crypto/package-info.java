/**
 * The cryptographic primitives that the rest uses, each from a reviewed library: AES-GCM from a JCA provider that is named
 * explicitly, HKDF as two formulas over its HMAC. Nothing here knows a message format or a key-management service.
 */
@NullMarked
package dev.kmsenvelope.crypto;

import org.jspecify.annotations.NullMarked;
