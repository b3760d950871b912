package dev.kmsenvelope.format;

/** What else may start as something that is no AWS Encryption SDK message, for whoever reads why it was refused. */
final class OtherFormats {

    private OtherFormats() {}

    /** The end of a sentence; nothing where there is nothing to say. */
    static String hint(byte first) {
        return switch (first) {
            case 0, 1 ->
                "; if it is one of Tink, Envelope/TINK/NoPadding opens it, or Envelope where the setting decrypt.formats"
                        + " has tink";
            case 24, 40 -> "; if it is a stream of Tink, Envelope/TINK/NoPadding opens it with its keyset";
            default -> "";
        };
    }
}
