/**
 * The JCA provider: thin service provider classes that validate, delegate to the engine and translate its errors; the key
 * handle; and the parameters of the {@code Envelope} cipher.
 */
@NullMarked
package dev.kmsenvelope.provider;

import org.jspecify.annotations.NullMarked;
