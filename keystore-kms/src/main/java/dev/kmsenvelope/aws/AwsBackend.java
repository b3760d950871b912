package dev.kmsenvelope.aws;

import com.github.benmanes.caffeine.cache.Ticker;

/**
 * Everything that needs the SDK, made with the first use of a key.
 *
 * @param calls makes the requests
 * @param keys knows the keys
 * @param dataKeys encrypts and decrypts
 * @param keyPairs does what other kinds of key do
 */
record AwsBackend(AwsCalls calls, AwsKeys keys, AwsDataKeys dataKeys, AwsKeyPairs keyPairs) implements AutoCloseable {

    static AwsBackend open(AwsSettings settings, Ticker ticker) {
        AwsCalls calls = new AwsCalls(settings);
        AwsKeys keys = new AwsKeys(calls, settings.aliasMaxAge(), ticker);
        return new AwsBackend(calls, keys, new AwsDataKeys(calls, keys), new AwsKeyPairs(calls));
    }

    /** The key that another one is known by here: of related multi-Region keys, the one of this Region. */
    KeyArn here(KeyArn key) {
        return key.isMultiRegion()
                ? calls.clients().regionIfKnown().map(key::in).orElse(key)
                : key;
    }

    @Override
    public void close() {
        calls.close();
    }
}
