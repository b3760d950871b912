package dev.kmsenvelope.compatibility.report;

/** What programs are for: a section of the page each, in this order. */
public enum Area {
    TLS("TLS"),
    JOSE("JSON Web Encryption and Signature"),
    CMS_AND_XML("CMS, certificates and XML"),
    DATA("Data");

    private final String title;

    Area(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
