/** The settings: one properties file, every setting with a default. */
@NullMarked
package dev.kmsenvelope.config;

import org.jspecify.annotations.NullMarked;
