package dev.kmsenvelope.benchmarks;

/** Options of the JVMs that are measured. */
final class Jvm {

    /** ACCP and Conscrypt are native; JDK 24 and later warn about those who are not allowed to be. */
    static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

    private Jvm() {}
}
