package dev.kmsenvelope.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} tells. */
final class Version implements IVersionProvider {

    static String ofProgram() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "(not from its jar)" : version;
    }

    static String ofJava() {
        return System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")";
    }

    static String ofSystem() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"kms-envelope " + ofProgram(), "Java " + ofJava(), ofSystem()};
    }
}
