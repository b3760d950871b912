package dev.kmsenvelope.dek;

/**
 * What a data key is used for. Data keys are never shared between different uses (RULES 13).
 *
 * @param suite the number of the algorithm suite of the messages
 * @param length how long the data key is, in bytes
 * @param derivesKeys whether each message has a key of its own, derived from the data key: only such a data key may serve
 *     more than one message, for all others the nonces would repeat
 */
public record DataKeyUse(int suite, int length, boolean derivesKeys) {}
