/** A JCA provider for envelope encryption under keys held in a key-management service. */
module dev.kmsenvelope.provider {
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires static transitive org.jspecify;

    exports dev.kmsenvelope.provider;
}
