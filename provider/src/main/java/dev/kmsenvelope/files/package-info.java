/** Files that several processes share and no crash damages: replaced as a whole, under a lock of their directory. */
@NullMarked
package dev.kmsenvelope.files;

import org.jspecify.annotations.NullMarked;
