package dev.kmsenvelope.local;

import dev.kmsenvelope.config.SecretFile;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Where the passphrase comes from that the user set up. It is asked again whenever it is needed, so that nothing keeps the
 * passphrase.
 *
 * @param name for error texts
 * @param reader gives the passphrase; its caller wipes it
 */
record PassphraseSource(String name, Supplier<char[]> reader) {

    /** The environment variable that holds a passphrase. */
    static final String ENVIRONMENT = "KMS_ENVELOPE_PASSPHRASE";

    static PassphraseSource ofFile(Path file) {
        return new PassphraseSource("the file " + file, () -> SecretFile.read(file));
    }

    /** The environment's value is a String of the JVM's, which cannot be wiped; a file can be read without that. */
    static PassphraseSource ofEnvironment(String value) {
        return new PassphraseSource("the environment variable " + ENVIRONMENT, value::toCharArray);
    }

    char[] read() {
        return reader.get();
    }
}
