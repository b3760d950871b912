/** The commands. */
@NullMarked
package dev.kmsenvelope.cli;

import org.jspecify.annotations.NullMarked;
