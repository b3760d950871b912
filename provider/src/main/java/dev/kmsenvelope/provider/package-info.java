/** The JCA provider itself. */
@NullMarked
package dev.kmsenvelope.provider;

import org.jspecify.annotations.NullMarked;
