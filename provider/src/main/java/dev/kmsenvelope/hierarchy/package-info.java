/**
 * Branch keys: keys of 256 bits, one for each tenant or purpose, that are kept encrypted in a store, are decrypted by a
 * key-management service once in a while, and encrypt data keys in memory. It is the AWS Encryption SDK's hierarchical
 * keyring, and {@code backend = hierarchical}.
 */
@NullMarked
package dev.kmsenvelope.hierarchy;

import org.jspecify.annotations.NullMarked;
