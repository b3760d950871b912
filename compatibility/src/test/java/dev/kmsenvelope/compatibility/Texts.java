package dev.kmsenvelope.compatibility;

import java.nio.charset.StandardCharsets;

/** What is encrypted, signed and sent. */
final class Texts {

    static final String TEXT = "attack at dawn";

    private Texts() {}

    static byte[] bytes() {
        return TEXT.getBytes(StandardCharsets.UTF_8);
    }
}
