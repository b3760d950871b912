package dev.kmsenvelope.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.format.RawAesKeyInfo;
import dev.kmsenvelope.kms.EncryptedDataKey;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What can be told about a header.
 *
 * @param header the header
 */
record HeaderReport(MessageHeader header) {

    private String messageId() {
        return HexFormat.of().formatHex(header.messageId());
    }

    private int headerLength() {
        return header.length();
    }

    /** Adds what people want to know. */
    void addTo(List<String> lines) {
        line(lines, "Suite", header.suite().hexId() + " " + header.suite().name());
        line(lines, "Message id", messageId());
        line(
                lines,
                "Content",
                header.isFramed() ? "frames of " + header.frameLength() + " bytes" : "one block, not framed");
        if (header.context().isEmpty()) {
            line(lines, "Context", "none");
        }
        header.context()
                .asMap()
                .forEach((name, value) -> line(lines, "Context", Text.escape(name) + " = " + Text.escape(value)));
        int count = header.encryptedDataKeys().size();
        int number = 0;
        for (EncryptedDataKey key : header.encryptedDataKeys()) {
            number++;
            line(
                    lines,
                    "Data key",
                    (count == 1 ? "" : number + " of " + count + ": ") + "provider " + Text.escape(key.providerId())
                            + keyName(key)
                                    .map(name -> ", key " + Text.escape(name))
                                    .orElse("")
                            + ", provider info " + key.providerInfo().length + " bytes, encrypted "
                            + key.ciphertext().length + " bytes");
        }
        line(lines, "Header", headerLength() + " bytes");
    }

    static void line(List<String> lines, String label, String value) {
        lines.add(String.format("%-11s %s", label, value));
    }

    /** Adds what scripts want to know. */
    void addTo(JsonObject report) {
        JsonObject suite = new JsonObject();
        suite.addProperty("id", header.suite().hexId());
        suite.addProperty("name", header.suite().name());
        suite.addProperty("committing", header.suite().isCommitting());
        suite.addProperty("signed", header.suite().isSigned());
        JsonObject context = new JsonObject();
        header.context().asMap().forEach(context::addProperty);
        JsonArray keys = new JsonArray();
        header.encryptedDataKeys().forEach(key -> keys.add(toJson(key)));
        report.addProperty("version", header.suite().messageVersion());
        report.addProperty("verified", false);
        report.add("suite", suite);
        report.addProperty("messageId", messageId());
        report.addProperty("contentType", header.isFramed() ? "framed" : "not framed");
        report.addProperty("frameLength", header.frameLength());
        report.add("encryptionContext", context);
        report.add("encryptedDataKeys", keys);
        report.addProperty("headerLength", headerLength());
    }

    private static JsonObject toJson(EncryptedDataKey key) {
        JsonObject object = new JsonObject();
        object.addProperty("providerId", key.providerId());
        keyName(key).ifPresent(name -> object.addProperty("keyName", name));
        object.addProperty("providerInfoLength", key.providerInfo().length);
        object.addProperty("ciphertextLength", key.ciphertext().length);
        return object;
    }

    /** The name in the layout of raw AES keys, else the whole provider info if it is text, as it is for AWS KMS. */
    private static Optional<String> keyName(EncryptedDataKey key) {
        try {
            return Optional.of(RawAesKeyInfo.parse(key.providerInfo()).keyName());
        } catch (InvalidMessageException e) {
            return text(key.providerInfo()).filter(text -> !text.isEmpty());
        }
    }

    private static Optional<String> text(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.chars().allMatch(c -> c >= ' ' && c != 0x7f) ? Optional.of(text) : Optional.empty();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
