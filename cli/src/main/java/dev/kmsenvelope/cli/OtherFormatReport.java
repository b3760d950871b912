package dev.kmsenvelope.cli;

import com.google.gson.JsonObject;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.tink.TinkOutline;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What can be told, without a key, about something that is no AWS Encryption SDK message: Tink's messages have no mark of their
 * own, and of bodies of S3 objects every byte looks random.
 *
 * @param kind what it may be
 * @param first its first byte
 * @param outline of an envelope message of Tink; null for others
 * @param length of all, in bytes
 */
record OtherFormatReport(Kind kind, byte first, @Nullable TinkOutline outline, long length) {

    private static final String METADATA = "a body of an object of the Amazon S3 Encryption Client looks like random"
            + " bytes and cannot be told: inspect the object's metadata (x-amz-key-v2, x-amz-c, x-amz-3), or its"
            + " instruction file";

    /** What it may be. */
    enum Kind {
        TINK_ENVELOPE("Tink KmsEnvelopeAead message"),
        TINK_STREAM("Tink AES-GCM-HKDF stream"),
        UNKNOWN("unknown");

        private final String title;

        Kind(String title) {
            this.title = title;
        }
    }

    /**
     * Looks at a stream, to its end if it is of another format.
     *
     * @param stream supports marks
     * @return the report; empty, with the stream where it was, if it is for those who read AWS Encryption SDK messages
     */
    static Optional<OtherFormatReport> read(InputStream stream) throws IOException {
        stream.mark(TinkOutline.HEAD_LENGTH);
        byte[] head = stream.readNBytes(TinkOutline.HEAD_LENGTH);
        stream.reset();
        if (head.length == 0 || MessageProbe.startsMessage(head)) {
            return Optional.empty();
        }
        Optional<TinkOutline> outline = TinkOutline.of(head);
        if (outline.isEmpty() && (head[0] == 1 || head[0] == 2)) {
            return Optional.empty();
        }
        long length = stream.transferTo(OutputStream.nullOutputStream());
        Kind kind = head[0] == 24 || head[0] == 40 ? Kind.TINK_STREAM : Kind.UNKNOWN;
        return Optional.of(new OtherFormatReport(
                outline.isPresent() ? Kind.TINK_ENVELOPE : kind, head[0], outline.orElse(null), length));
    }

    private boolean isComplete() {
        return outline != null && length >= outline.overhead();
    }

    private long plaintextLength() {
        return outline == null ? 0 : Math.max(0, length - outline.overhead());
    }

    private OptionalInt keyId() {
        return outline == null ? OptionalInt.empty() : outline.keyId();
    }

    private String certainty() {
        return switch (kind) {
            case TINK_ENVELOPE ->
                "by the length of its data key only: of random bytes, one in 2^" + (keyId().isPresent() ? 20 : 12)
                        + " that start with 0" + first + " look so too";
            case TINK_STREAM ->
                "by its first byte only, if it is one; neither its segments nor their end can be told without its"
                        + " keyset";
            case UNKNOWN -> METADATA;
        };
    }

    /** The report for people. */
    List<String> toLines() {
        List<String> lines = new ArrayList<>();
        HeaderReport.line(lines, "Format", kind.title + (kind == Kind.UNKNOWN ? "" : "; not verified"));
        HeaderReport.line(lines, "Told", certainty());
        if (outline != null) {
            HeaderReport.line(
                    lines,
                    "Prefix",
                    keyId().isPresent()
                            ? "key " + Integer.toUnsignedString(keyId().getAsInt()) + " of a keyset"
                            : "none");
            HeaderReport.line(
                    lines, "Data key", "encrypted " + outline.encryptedKeyLength() + " bytes, which name no key");
            HeaderReport.line(
                    lines,
                    "Body",
                    isComplete()
                            ? plaintextLength() + " bytes of plaintext; an end that is cut off cannot be told"
                            : "truncated");
        }
        if (kind == Kind.TINK_STREAM) {
            HeaderReport.line(lines, "Header", headerLength() + " bytes: AES-" + derivedKeyBits());
        }
        HeaderReport.line(lines, "Length", length + " bytes");
        return lines;
    }

    private int headerLength() {
        return first;
    }

    /** Length byte, salt as long as the key, and a nonce prefix of seven bytes. */
    private int derivedKeyBits() {
        return (headerLength() - 8) * Byte.SIZE;
    }

    /** The report for scripts. */
    JsonObject toJson() {
        JsonObject report = new JsonObject();
        report.addProperty("format", kind.title);
        report.addProperty("verified", false);
        report.addProperty("certain", false);
        report.addProperty("told", certainty());
        if (kind != Kind.UNKNOWN) {
            report.addProperty("committing", false);
        }
        if (outline != null) {
            keyId().ifPresent(id -> report.addProperty("prefixKeyId", Integer.toUnsignedLong(id)));
            report.addProperty("encryptedDataKeyLength", outline.encryptedKeyLength());
            JsonObject body = new JsonObject();
            body.addProperty("structure", isComplete() ? "complete" : "truncated");
            body.addProperty("plaintextLength", plaintextLength());
            report.add("body", body);
        }
        if (kind == Kind.TINK_STREAM) {
            report.addProperty("headerLength", headerLength());
            report.addProperty("derivedKeyBits", derivedKeyBits());
        }
        report.addProperty("length", length);
        return report;
    }

    /** Throws, after the report, unless it is a message as far as can be told. */
    void requireMessage() throws InvalidMessageException {
        switch (kind) {
            case TINK_ENVELOPE -> {
                if (!isComplete()) {
                    throw new InvalidMessageException(Reason.TRUNCATED, "the message ends before its tag does");
                }
            }
            case TINK_STREAM ->
                throw new InvalidMessageException(
                        Reason.MALFORMED,
                        "it may be a stream of Tink, by its first byte; whether it is one, and complete, only its"
                                + " keyset tells");
            case UNKNOWN ->
                throw new InvalidMessageException(
                        Reason.MALFORMED,
                        "not an AWS Encryption SDK message, nor one of Tink: it starts with "
                                + HexFormat.of().withUpperCase().toHexDigits(first) + "; " + METADATA);
        }
    }
}
