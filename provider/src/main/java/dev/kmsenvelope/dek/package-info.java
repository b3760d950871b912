/** Data keys: where they come from, and for how long they may be used. */
@NullMarked
package dev.kmsenvelope.dek;

import org.jspecify.annotations.NullMarked;
