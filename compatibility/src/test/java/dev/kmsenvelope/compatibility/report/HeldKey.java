package dev.kmsenvelope.compatibility.report;

/** What kind of key a program was given, and who holds it. TestKeys makes them. */
public enum HeldKey {
    SERVICE_AES("AES key of the service"),
    SERVICE_HMAC("HMAC key of the service"),
    SERVICE_RSA("RSA key of the service"),
    SERVICE_EC("EC key of the service"),
    FILE_GCM("data key of a file, for AES/GCM"),
    FILE_CBC("data key of a file, for AES/CBC"),
    FILE_CTR("data key of a file, for AES/CTR"),
    FILE_KW("data key of a file, for AES/KW"),
    FILE_HMAC("data key of a file, for HmacSHA256"),
    FILE_EXTRACTABLE("data key of a file, extractable"),
    FILE_RSA("RSA key wrapped in a file"),
    FILE_EC("EC key wrapped in a file");

    private final String description;

    HeldKey(String description) {
        this.description = description;
    }

    String description() {
        return description;
    }
}
