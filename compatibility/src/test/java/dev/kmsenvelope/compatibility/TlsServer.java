package dev.kmsenvelope.compatibility;

/** A server that answers a request for {@code /} with {@link Texts#TEXT} and closes the connection. */
interface TlsServer {

    /** Starts one on the loopback interface, for one version of TLS. */
    @FunctionalInterface
    interface Starter {
        TlsServer start(String protocol) throws Exception;
    }

    /** Where it listens. */
    int port();

    /** Ends it. */
    void stop() throws Exception;
}
