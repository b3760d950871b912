/** An example: objects that are encrypted before Amazon S3 gets them. */
@NullMarked
package dev.kmsenvelope.examples.s3;

import org.jspecify.annotations.NullMarked;
