/** What the stores of branch keys have in common: the items of AWS's branch key store, and how keys are encrypted in them. */
@NullMarked
package dev.kmsenvelope.hierarchy.item;

import org.jspecify.annotations.NullMarked;
