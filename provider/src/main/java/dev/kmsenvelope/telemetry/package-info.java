/**
 * What this library counts while it works: key ids, numbers and durations, never an encryption context, an encrypted key, a
 * message id, additional data or a text of the key service (RULES 20).
 */
@NullMarked
package dev.kmsenvelope.telemetry;

import org.jspecify.annotations.NullMarked;
