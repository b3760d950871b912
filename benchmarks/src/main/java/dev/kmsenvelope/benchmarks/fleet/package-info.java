/**
 * What a fleet of processes asks of its key service, as a model with formulas, a simulation and a measurement to check both;
 * and the counted run of a million messages.
 */
@NullMarked
package dev.kmsenvelope.benchmarks.fleet;

import org.jspecify.annotations.NullMarked;
