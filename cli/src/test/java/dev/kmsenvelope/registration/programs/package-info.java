/**
 * Programs that know nothing of this library: they use {@code java.*} and {@code javax.*} only. Tests run them in JVMs of
 * their own and read what they print.
 */
package dev.kmsenvelope.registration.programs;
