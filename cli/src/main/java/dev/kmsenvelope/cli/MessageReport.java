package dev.kmsenvelope.cli;

import com.google.gson.JsonObject;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What can be told about a message without a key; and about the inner of two layers with the key of the outer one.
 *
 * @param header its header
 * @param structure what follows the header
 * @param inner the header of the inner layer; null if there is none or it was not asked for
 */
record MessageReport(
        MessageHeader header, Structure structure, @Nullable MessageHeader inner) {

    private static final String FORMAT = "AWS Encryption SDK message";

    /** Whether a message is a layer of two. */
    static boolean isLayer(MessageHeader header) {
        return header.context().containsName(EncryptionContext.LAYER_NAME);
    }

    private String state() {
        return structure.state().name().toLowerCase(Locale.ROOT);
    }

    /** The report for people. */
    List<String> toLines() {
        List<String> lines = new ArrayList<>();
        HeaderReport.line(
                lines, "Format", FORMAT + ", version " + header.suite().messageVersion() + "; not verified");
        if (isLayer(header)) {
            HeaderReport.line(
                    lines,
                    "Layers",
                    "a layer of a dual-layer message"
                            + (inner == null ? "; the inner one is shown with --outer-key, or --key" : ""));
        }
        new HeaderReport(header).addTo(lines);
        HeaderReport.line(
                lines,
                "Body",
                state() + ", " + structure.frames() + (structure.frames() == 1 ? " part, " : " parts, ")
                        + structure.plaintextLength() + " bytes of plaintext"
                        + (structure.trailingBytes() == 0
                                ? ""
                                : ", " + structure.trailingBytes() + " bytes behind its end"));
        if (inner != null) {
            lines.add("");
            HeaderReport.line(
                    lines,
                    "Inner layer",
                    FORMAT + ", version " + inner.suite().messageVersion()
                            + "; as the outer layer's key opened it, not verified with its own");
            new HeaderReport(inner).addTo(lines);
        }
        return lines;
    }

    /** The report for scripts. */
    JsonObject toJson() {
        JsonObject body = new JsonObject();
        body.addProperty("structure", state());
        body.addProperty("frames", structure.frames());
        body.addProperty("plaintextLength", structure.plaintextLength());
        body.addProperty("trailingBytes", structure.trailingBytes());
        JsonObject report = new JsonObject();
        report.addProperty("format", FORMAT);
        new HeaderReport(header).addTo(report);
        report.add("body", body);
        if (isLayer(header)) {
            report.addProperty("dualLayer", true);
        }
        if (inner != null) {
            JsonObject inside = new JsonObject();
            new HeaderReport(inner).addTo(inside);
            report.add("innerLayer", inside);
        }
        return report;
    }
}
