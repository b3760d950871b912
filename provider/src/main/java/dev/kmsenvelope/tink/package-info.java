/**
 * Messages of Tink: envelope encryption ({@code KmsEnvelopeAead}) and streams ({@code AES-GCM-HKDF}) under keysets that a key
 * service encrypted.
 */
@NullMarked
package dev.kmsenvelope.tink;

import org.jspecify.annotations.NullMarked;
