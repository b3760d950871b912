/** Measuring: calls of key services, Java Flight Recorder events, the management bean, and what is open. */
@NullMarked
package dev.kmsenvelope.metering;

import org.jspecify.annotations.NullMarked;
