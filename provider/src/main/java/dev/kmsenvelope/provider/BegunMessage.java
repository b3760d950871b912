package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.MessageWriter;
import org.jspecify.annotations.Nullable;

/**
 * A message that is being written.
 *
 * @param writer writes it
 * @param iv what {@code getIV} tells of it: the caller's, or one that the format has room for; not copied
 * @param metadata what has to be stored beside it, where the format wants that; else null
 */
record BegunMessage(
        MessageWriter writer, byte[] iv, @Nullable S3EncryptionMetadata metadata) {

    /** A message that has everything in itself. */
    BegunMessage(MessageWriter writer, byte[] iv) {
        this(writer, iv, null);
    }
}
