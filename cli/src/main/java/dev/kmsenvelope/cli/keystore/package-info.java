/** The commands that make and change keystore files. */
@NullMarked
package dev.kmsenvelope.cli.keystore;

import org.jspecify.annotations.NullMarked;
