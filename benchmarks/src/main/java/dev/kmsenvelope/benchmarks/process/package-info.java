/** Whole processes side by side: what a fresh JVM needs for its first messages, and with how little memory it can do. */
@NullMarked
package dev.kmsenvelope.benchmarks.process;

import org.jspecify.annotations.NullMarked;
