package dev.kmsenvelope.contract;

import dev.kmsenvelope.kms.AccessCheck;
import dev.kmsenvelope.kms.KeyAgreementService;
import dev.kmsenvelope.kms.KeyPairService;
import dev.kmsenvelope.kms.MacService;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.kms.RandomService;
import dev.kmsenvelope.kms.RsaDecryptionService;
import dev.kmsenvelope.kms.SigningService;

/** What a backend may have or not. Each declares what it has; the contract checks that it has that and no more. */
enum Feature {
    /** Keys are made, rotated, switched and deleted through it. */
    ADMINISTRATION(null),
    /** A key's aliases are remembered when they point to another one: what they encrypted before still opens. */
    ALIAS_HISTORY(null),
    /** It tells which version of a key encrypted something. */
    VERSION_OF(null),
    /** A description tells all versions of a key, not only the current one. */
    ALL_VERSIONS(null),
    /**
     * The ARN of a key is looked up before it is believed. Without this, whether there is such a key shows when it is used,
     * and who may only decrypt with it can.
     */
    LOOKS_ARNS_UP(null),
    /** {@link PublicKeyService}. */
    PUBLIC_KEYS(PublicKeyService.class),
    /** {@link RsaDecryptionService}. */
    RSA_DECRYPTION(RsaDecryptionService.class),
    /** {@link SigningService}. */
    SIGNING(SigningService.class),
    /** {@link MacService}. */
    MACS(MacService.class),
    /** {@link KeyAgreementService}. */
    KEY_AGREEMENT(KeyAgreementService.class),
    /** {@link KeyPairService}. */
    KEY_PAIRS(KeyPairService.class),
    /** {@link RandomService}. */
    RANDOM(RandomService.class),
    /** {@link AccessCheck}. */
    ACCESS_CHECK(AccessCheck.class);

    /** The interface that a service has in this role, or null. */
    final Class<?> capability;

    Feature(Class<?> capability) {
        this.capability = capability;
    }
}
