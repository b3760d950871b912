/** The commands that administer branch keys. */
@NullMarked
package dev.kmsenvelope.cli.branchkey;

import org.jspecify.annotations.NullMarked;
