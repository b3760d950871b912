/**
 * The key-management port: what the rest of this library asks of a key-management service (KMS), and what it gets back.
 *
 * <p>{@link dev.kmsenvelope.kms.KeyService} is for those who use keys, {@link dev.kmsenvelope.kms.KeyAdministration} for
 * those who administer them; they are separate because those are different roles. Every failure of a service is a {@link
 * dev.kmsenvelope.kms.KmsException}, which is a {@link java.security.ProviderException}, so it may leave any JCA call.
 */
@NullMarked
package dev.kmsenvelope.kms;

import org.jspecify.annotations.NullMarked;
