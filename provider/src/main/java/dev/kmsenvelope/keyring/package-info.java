/** How a wrapping key that is at hand, rather than in a service, encrypts data keys: the AWS Encryption SDK's raw keyrings. */
@NullMarked
package dev.kmsenvelope.keyring;

import org.jspecify.annotations.NullMarked;
