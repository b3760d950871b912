package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.metering.Figures;
import dev.kmsenvelope.metering.MeasuredKeyService;
import dev.kmsenvelope.metering.OpenCaches;
import dev.kmsenvelope.spi.OpenKeyServices;
import dev.kmsenvelope.telemetry.KmsEnvelopeStatistics;

/**
 * What concerns this library as a whole, in this process and class loader: its figures, emptying all caches, and the end.
 * Thread-safe.
 */
public final class KmsEnvelope {

    private KmsEnvelope() {}

    /**
     * Reads what was counted. It loads nothing and asks no service.
     *
     * @return the figures since the library was loaded
     */
    public static KmsEnvelopeStatistics statistics() {
        return Figures.now();
    }

    /**
     * Drops all cached data keys, all cached branch keys of the backend {@code hierarchical}, and all remembered failures, of all
     * key services. The next message asks the service again; keys that are in use are wiped when their last use ends, and what
     * is being asked for at this moment is given to those who wait for it and not kept.
     */
    public static void flushDataKeys() {
        OpenCaches.ALL.flush();
    }

    /**
     * Counts, times and records the calls of a key service that a program made itself; those of services that the settings
     * describe are measured anyway. Use the returned service, and only it, in place of the other: one data-key cache does not
     * serve two services. It is closed by {@link #shutdown()}.
     *
     * @param service closed with the one that is returned
     * @return the measured service; the same one if it is measured already
     */
    public static KeyService measured(KeyService service) {
        return MeasuredKeyService.of(service, service.name());
    }

    /**
     * Closes all caches of data keys and all key services that this library opened, drops what other services cache, takes its
     * bean out of JMX and ends its threads: for a container that stops an application whose class loader has this library. To
     * be called when no work is running.
     *
     * <p>KeyStores and handles from before cannot be used any more: what needs a data key or the service throws a {@link
     * dev.kmsenvelope.kms.KeyServiceClosedException}. A KeyStore that is loaded afterwards opens its services anew, and so starts
     * what this ended; the figures go on from where they were. Calling it twice does no harm.
     *
     * @throws RuntimeException if closing something failed; the rest is closed all the same
     */
    public static void shutdown() {
        OpenKeyServices.shutDown();
    }
}
