/**
 * The keystore file: what it holds, its text form, the seal over it, how its entries are wrapped, and how it gets to disk.
 * docs/KEYSTORE-FILE.md describes the format.
 */
@NullMarked
package dev.kmsenvelope.keystore.file;

import org.jspecify.annotations.NullMarked;
