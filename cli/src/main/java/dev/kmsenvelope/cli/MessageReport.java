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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What can be told about a message without a key.
 *
 * @param header its header
 * @param structure what follows the header
 */
record MessageReport(MessageHeader header, Structure structure) {

    private static final String FORMAT = "AWS Encryption SDK message";

    private String messageId() {
        return HexFormat.of().formatHex(header.messageId());
    }

    private int headerLength() {
        return header.length();
    }

    private String state() {
        return structure.state().name().toLowerCase(Locale.ROOT);
    }

    /** The report for people. */
    List<String> toLines() {
        List<String> lines = new ArrayList<>();
        line(lines, "Format", FORMAT + ", version " + header.suite().messageVersion() + "; not verified");
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
        line(
                lines,
                "Body",
                state() + ", " + structure.frames() + (structure.frames() == 1 ? " part, " : " parts, ")
                        + structure.plaintextLength() + " bytes of plaintext"
                        + (structure.trailingBytes() == 0
                                ? ""
                                : ", " + structure.trailingBytes() + " bytes behind its end"));
        return lines;
    }

    private static void line(List<String> lines, String label, String value) {
        lines.add(String.format("%-11s %s", label, value));
    }

    /** The report for scripts. */
    JsonObject toJson() {
        JsonObject suite = new JsonObject();
        suite.addProperty("id", header.suite().hexId());
        suite.addProperty("name", header.suite().name());
        suite.addProperty("committing", header.suite().isCommitting());
        suite.addProperty("signed", header.suite().isSigned());
        JsonObject context = new JsonObject();
        header.context().asMap().forEach(context::addProperty);
        JsonArray keys = new JsonArray();
        header.encryptedDataKeys().forEach(key -> keys.add(toJson(key)));
        JsonObject body = new JsonObject();
        body.addProperty("structure", state());
        body.addProperty("frames", structure.frames());
        body.addProperty("plaintextLength", structure.plaintextLength());
        body.addProperty("trailingBytes", structure.trailingBytes());
        JsonObject report = new JsonObject();
        report.addProperty("format", FORMAT);
        report.addProperty("version", header.suite().messageVersion());
        report.addProperty("verified", false);
        report.add("suite", suite);
        report.addProperty("messageId", messageId());
        report.addProperty("contentType", header.isFramed() ? "framed" : "not framed");
        report.addProperty("frameLength", header.frameLength());
        report.add("encryptionContext", context);
        report.add("encryptedDataKeys", keys);
        report.addProperty("headerLength", headerLength());
        report.add("body", body);
        return report;
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
