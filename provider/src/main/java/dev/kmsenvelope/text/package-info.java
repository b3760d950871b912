/** What texts for people are made of. */
@NullMarked
package dev.kmsenvelope.text;

import org.jspecify.annotations.NullMarked;
