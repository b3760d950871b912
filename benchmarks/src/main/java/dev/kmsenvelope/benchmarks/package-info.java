/** JMH benchmarks. */
@NullMarked
package dev.kmsenvelope.benchmarks;

import org.jspecify.annotations.NullMarked;
