/**
 * The message formats: each class is headed by the grammar that it reads and writes, parses completely into an immutable
 * value or fails, and checks every length before it allocates. No cryptography here.
 */
@NullMarked
package dev.kmsenvelope.format;

import org.jspecify.annotations.NullMarked;
