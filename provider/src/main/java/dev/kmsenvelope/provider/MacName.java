package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.MacService.MacAlgorithm;
import java.util.Arrays;
import java.util.Optional;

/** The message authentication codes, as JCA and as the port name them. */
enum MacName {
    HMAC_SHA_224("HmacSHA224", 28, MacAlgorithm.HMAC_SHA_224),
    HMAC_SHA_256("HmacSHA256", 32, MacAlgorithm.HMAC_SHA_256),
    HMAC_SHA_384("HmacSHA384", 48, MacAlgorithm.HMAC_SHA_384),
    HMAC_SHA_512("HmacSHA512", 64, MacAlgorithm.HMAC_SHA_512);

    private final String algorithm;
    private final int length;
    private final MacAlgorithm portName;

    MacName(String algorithm, int length, MacAlgorithm portName) {
        this.algorithm = algorithm;
        this.length = length;
        this.portName = portName;
    }

    static Optional<MacName> of(KeySpec spec) {
        return Arrays.stream(values()).filter(name -> name.portName.fits(spec)).findFirst();
    }

    static MacName of(String algorithm) {
        return Arrays.stream(values())
                .filter(name -> name.algorithm.equals(algorithm))
                .findFirst()
                .orElseThrow();
    }

    String algorithm() {
        return algorithm;
    }

    /** In bytes. */
    int length() {
        return length;
    }

    MacAlgorithm portName() {
        return portName;
    }
}
