/**
 * Objects of the Amazon S3 Encryption Client: {@link dev.kmsenvelope.s3.ContentMetadata} is headed by the grammar; one writer
 * and one reader, each for the body of one object, whose metadata travels beside it.
 */
@NullMarked
package dev.kmsenvelope.s3;

import org.jspecify.annotations.NullMarked;
