package dev.kmsenvelope.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a script learns from the exit status. */
public final class ExitCode {

    /** All went well. */
    public static final int OK = 0;

    /** A fault in this program. */
    public static final int INTERNAL = 1;

    /** The command line or the configuration is wrong. */
    public static final int USAGE = 2;

    /** The message is wrong: changed, truncated, or for another key, context or AAD. */
    public static final int MESSAGE = 3;

    /** The key service refuses or fails. */
    public static final int KEY_SERVICE = 4;

    /** Reading or writing a file or pipe failed, or a file exists already. */
    public static final int IO = 5;

    private ExitCode() {}

    /** The table that ends every help text. */
    static Map<String, String> help() {
        Map<String, String> codes = new LinkedHashMap<>();
        codes.put(" " + OK, "done");
        codes.put(" " + INTERNAL, "a fault in this program");
        codes.put(" " + USAGE, "the command line or the configuration is wrong");
        codes.put(
                " " + MESSAGE,
                "the message is wrong: changed, truncated, or for another key, context or AAD; or a keystore file, an entry"
                        + " of one or a source is");
        codes.put(" " + KEY_SERVICE, "the key service refuses or fails: no such key, disabled, denied, key file");
        codes.put(" " + IO, "input or output failed: no such file, exists already, disk full, closed pipe");
        return codes;
    }
}
