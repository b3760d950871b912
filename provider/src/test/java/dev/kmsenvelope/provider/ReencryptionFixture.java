package dev.kmsenvelope.provider;

import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;

/** Two keys, and messages that move from one to the other. */
abstract class ReencryptionFixture {

    static final byte[] TEXT = Ciphers.random(1000);

    final InMemoryKeyService service =
            new InMemoryKeyService().withKey("old").withKey("new").withKey("third");

    final KmsSecretKey from = Ciphers.handle(service, "old");
    final KmsSecretKey to = Ciphers.handle(service, "new");

    MessageReencryption.Builder builder() {
        return MessageReencryption.builder(from, to);
    }

    static byte[] move(MessageReencryption.Builder builder, byte[] message) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        builder.build().run(new ByteArrayInputStream(message), out);
        return out.toByteArray();
    }

    static MessageHeader header(byte[] message) throws Exception {
        return MessageHeader.read(new ByteArrayInputStream(message), HeaderLimits.DEFAULT);
    }
}
