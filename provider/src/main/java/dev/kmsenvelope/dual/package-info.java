/**
 * Dual-layer messages: an AWS Encryption SDK message inside another, each with a data key, a key of a key service and an
 * implementation of the cryptography of its own.
 */
@NullMarked
package dev.kmsenvelope.dual;

import org.jspecify.annotations.NullMarked;
