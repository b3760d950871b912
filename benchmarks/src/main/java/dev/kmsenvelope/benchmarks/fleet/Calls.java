package dev.kmsenvelope.benchmarks.fleet;

/**
 * What a fleet did and asked in some time.
 *
 * @param seconds how long that was
 * @param written messages
 * @param read messages
 * @param generate requests for data keys to write with
 * @param decrypt requests for data keys to read with
 * @param writingWaits messages that were written only after a request
 * @param readingWaits messages that were read only after a request
 */
public record Calls(
        double seconds, long written, long read, long generate, long decrypt, long writingWaits, long readingWaits) {

    /** All requests per second. */
    double requestsPerSecond() {
        return (generate + decrypt) / seconds;
    }

    /** What came after an earlier moment. */
    Calls since(Calls earlier) {
        return new Calls(
                seconds - earlier.seconds,
                written - earlier.written,
                read - earlier.read,
                generate - earlier.generate,
                decrypt - earlier.decrypt,
                writingWaits - earlier.writingWaits,
                readingWaits - earlier.readingWaits);
    }
}
