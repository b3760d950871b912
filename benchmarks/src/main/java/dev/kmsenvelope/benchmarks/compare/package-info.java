/** The comparison: runs the benchmarks, and makes tables and charts of what they measure. */
@NullMarked
package dev.kmsenvelope.benchmarks.compare;

import org.jspecify.annotations.NullMarked;
