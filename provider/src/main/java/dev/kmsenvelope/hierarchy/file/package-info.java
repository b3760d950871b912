/** A store of branch keys in a file, which several processes share; its branch keys are encrypted by any key service. */
@NullMarked
package dev.kmsenvelope.hierarchy.file;

import org.jspecify.annotations.NullMarked;
