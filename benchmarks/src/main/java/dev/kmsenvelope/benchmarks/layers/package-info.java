/** What a second layer of encryption costs. */
@NullMarked
package dev.kmsenvelope.benchmarks.layers;

import org.jspecify.annotations.NullMarked;
