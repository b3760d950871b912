package dev.kmsenvelope.benchmarks.keyservice;

/**
 * How many requests a key service got, those that failed included.
 *
 * @param generateDataKey requests for a fresh data key
 * @param encrypt requests to encrypt, and to encrypt again
 * @param decrypt requests to decrypt
 * @param look requests that describe keys, list them or tell versions
 * @param failed how many of all these failed on purpose
 * @param mostAtOnce the most requests that were under way at one moment
 */
public record CallCounts(long generateDataKey, long encrypt, long decrypt, long look, long failed, long mostAtOnce) {

    /**
     * Requests of cryptography: what a cache of data keys saves, and what AWS KMS prices and limits together.
     *
     * @return all but those that look
     */
    public long cryptographic() {
        return generateDataKey + encrypt + decrypt;
    }

    /**
     * What came after an earlier moment.
     *
     * @param earlier the counts at that moment
     * @return the difference; the most at once is that of all time
     */
    public CallCounts since(CallCounts earlier) {
        return new CallCounts(
                generateDataKey - earlier.generateDataKey,
                encrypt - earlier.encrypt,
                decrypt - earlier.decrypt,
                look - earlier.look,
                failed - earlier.failed,
                mostAtOnce);
    }
}
