/**
 * The backend {@code aws}: AWS KMS, by the AWS SDK for Java. This is the only code that sees the SDK; none of its types
 * leaves this package, and none is loaded before an AWS key is first used.
 */
@NullMarked
package dev.kmsenvelope.aws;

import org.jspecify.annotations.NullMarked;
