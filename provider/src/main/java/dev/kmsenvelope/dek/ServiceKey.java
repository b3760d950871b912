package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;

/**
 * A key and the service that has it.
 *
 * @param service the service; not closed by those who have this
 * @param id an alias, key id or ARN there
 */
public record ServiceKey(KeyService service, KeyId id) {}
