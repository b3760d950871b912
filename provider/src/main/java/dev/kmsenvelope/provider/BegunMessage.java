package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.MessageWriter;

/**
 * A message that is being written.
 *
 * @param writer writes it
 * @param iv what {@code getIV} tells of it: the caller's, or one that the format has room for; not copied
 */
record BegunMessage(MessageWriter writer, byte[] iv) {}
