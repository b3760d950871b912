/** The commands that administer keys. */
@NullMarked
package dev.kmsenvelope.cli.key;

import org.jspecify.annotations.NullMarked;
