/** Key services for measuring: in memory, and with latency, failures and counting added. */
@NullMarked
package dev.kmsenvelope.benchmarks.keyservice;

import org.jspecify.annotations.NullMarked;
