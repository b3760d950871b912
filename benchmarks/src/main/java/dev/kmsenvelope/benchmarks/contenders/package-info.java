/** Ways to encrypt and decrypt, ours and other libraries', behind one interface. */
@NullMarked
package dev.kmsenvelope.benchmarks.contenders;

import org.jspecify.annotations.NullMarked;
