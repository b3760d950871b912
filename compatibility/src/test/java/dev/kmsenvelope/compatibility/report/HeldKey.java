package dev.kmsenvelope.compatibility.report;

/** What kind of key a program was given, and who holds it. A further holder is further constants here, and its keys in TestKeys. */
public enum HeldKey {
    SERVICE_AES("AES key of the service"),
    SERVICE_HMAC("HMAC key of the service"),
    SERVICE_RSA("RSA key of the service"),
    SERVICE_EC("EC key of the service");

    private final String description;

    HeldKey(String description) {
        this.description = description;
    }

    String description() {
        return description;
    }
}
