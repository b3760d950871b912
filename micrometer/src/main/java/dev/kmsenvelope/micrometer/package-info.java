/** The figures of this library as meters of Micrometer. */
@NullMarked
package dev.kmsenvelope.micrometer;

import org.jspecify.annotations.NullMarked;
