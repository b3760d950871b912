package dev.kmsenvelope.testing.kms;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Base64;
import java.util.Map;

/**
 * What the server sends.
 *
 * @param status the HTTP status, or {@link #NONE}
 * @param body the body; empty for none
 * @param isJson whether the header calls it JSON
 * @param isCut whether the connection ends in the middle of the body
 */
record Answer(int status, String body, boolean isJson, boolean isCut) {

    /** The connection ends instead. */
    static final int NONE = 0;

    private static final String OTHER_KEY =
            "arn:aws:kms:eu-west-3:" + Caller.ACCOUNT + ":key/0badc0de-0bad-c0de-0bad-c0de0badc0de";

    Answer(int status, String body) {
        this(status, body, true, false);
    }

    static Answer of(KmsError error) {
        JsonObject json = new JsonObject();
        json.addProperty("__type", error.type);
        if (error.getMessage() != null) {
            json.addProperty("message", error.getMessage());
        }
        return new Answer(error.status, json.toString());
    }

    /** The answer that a fault gives instead of the right one. */
    static Answer of(Fault fault, Faults faults) {
        if (fault.isError()) {
            return of(fault.error());
        }
        return switch (fault) {
            case UNAVAILABLE -> new Answer(503, "", false, false);
            case CUT_BEFORE_ANSWER -> new Answer(NONE, "");
            case CUT_IN_ANSWER ->
                new Answer(200, "{\"KeyId\": \"" + OTHER_KEY + "\", \"Plaintext\": \"AAAA\"}", true, true);
            case GARBAGE -> new Answer(200, "<html><body>" + Fault.TEXT + "</body></html>", false, false);
            case EMPTY -> new Answer(200, "");
            case SLOW -> {
                faults.beSlow();
                yield new Answer(503, "", false, false);
            }
            default -> throw new IllegalArgumentException("not a fault that gives an answer: " + fault);
        };
    }

    /** This answer as a fault changes it; errors stay. */
    Answer changed(Fault fault) {
        if (status != 200) {
            return this;
        }
        return switch (fault) {
            case TRUNCATED_JSON -> new Answer(status, body.substring(0, Math.max(1, body.length() / 2)));
            case MISSING_MEMBERS -> new Answer(status, "{}");
            case WRONG_KEY, WRONG_LENGTH -> {
                JsonObject json = JsonParser.parseString(body).getAsJsonObject();
                change(json, fault);
                yield new Answer(status, json.toString());
            }
            default -> throw new IllegalArgumentException("not a fault that changes an answer: " + fault);
        };
    }

    private static void change(JsonObject json, Fault fault) {
        for (Map.Entry<String, JsonElement> member : json.entrySet()) {
            if (member.getValue().isJsonObject()) {
                change(member.getValue().getAsJsonObject(), fault);
            } else if (fault == Fault.WRONG_KEY) {
                switch (member.getKey()) {
                    case "KeyId", "SourceKeyId", "Arn" -> json.addProperty(member.getKey(), OTHER_KEY);
                    default -> {}
                }
            } else {
                switch (member.getKey()) {
                    case "Plaintext", "SharedSecret", "Mac" ->
                        json.addProperty(member.getKey(), shorter(member.getValue()));
                    default -> {}
                }
            }
        }
    }

    private static String shorter(JsonElement base64) {
        byte[] bytes = Base64.getDecoder().decode(base64.getAsString());
        return EncryptionCommands.base64(java.util.Arrays.copyOf(bytes, bytes.length - 1));
    }
}
