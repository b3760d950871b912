/** Encrypts and decrypts messages, frame by frame in constant memory, and releases verified plaintext only. */
@NullMarked
package dev.kmsenvelope.engine;

import org.jspecify.annotations.NullMarked;
