package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.SecretBytes;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.crypto.PBEParametersGenerator;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * A 256-bit key derived from a passphrase by PBKDF2-HMAC-SHA256 (RFC 8018), together with how it was derived. It is kept
 * while a store is open, so that the derivation is paid once and not with every write: the salt stays the same as long as
 * the passphrase does, and every write draws a fresh content key. Closing it wipes the key.
 *
 * @param parameters salt and iterations
 * @param key 32 bytes
 */
record PassphraseKey(Parameters parameters, SecretBytes key) implements AutoCloseable {

    /** Iterations for passphrases that people choose: what OWASP asks for with HMAC-SHA256. */
    static final int PASSPHRASE_ITERATIONS = 600_000;

    /** Iterations for a generated secret: with 256 random bits there is nothing to slow down. */
    static final int SECRET_ITERATIONS = 4096;

    /** The most iterations that are done for a file, about five seconds of work, so that a forged file cannot ask for more. */
    static final int MAX_ITERATIONS = 10_000_000;

    private static final int SALT_LENGTH = 32;
    private static final int KEY_LENGTH = 32;
    private static final AlgorithmIdentifier PRF =
            new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256, DERNull.INSTANCE);

    /** How a key is derived, as it stands in the file. */
    record Parameters(AlgorithmIdentifier algorithm) {

        static Parameters fresh(int iterations, SecureRandom random) {
            byte[] salt = new byte[SALT_LENGTH];
            random.nextBytes(salt);
            return of(salt, iterations);
        }

        private static Parameters of(byte[] salt, int iterations) {
            return new Parameters(
                    new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBKDF2, new PBKDF2Params(salt, iterations, PRF)));
        }

        /**
         * Checks what stands in a file, before any work is done with it.
         *
         * @throws IllegalArgumentException if it is anything but what this class writes, or too much work
         */
        static Parameters checked(AlgorithmIdentifier algorithm) {
            if (!algorithm.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBKDF2)) {
                throw new IllegalArgumentException("a key derivation other than PBKDF2");
            }
            PBKDF2Params params = PBKDF2Params.getInstance(algorithm.getParameters());
            BigInteger iterations = params.getIterationCount();
            if (iterations.signum() <= 0 || iterations.compareTo(BigInteger.valueOf(MAX_ITERATIONS)) > 0) {
                throw new IllegalArgumentException("a PBKDF2 iteration count that is not 1 to " + MAX_ITERATIONS);
            }
            Parameters known = of(params.getSalt(), iterations.intValueExact());
            if (params.getSalt().length != SALT_LENGTH || !known.algorithm.equals(algorithm)) {
                throw new IllegalArgumentException(
                        "PBKDF2 parameters other than HMAC-SHA256 with a salt of " + SALT_LENGTH + " bytes");
            }
            return known;
        }

        byte[] salt() {
            return PBKDF2Params.getInstance(algorithm.getParameters()).getSalt();
        }

        int iterations() {
            return PBKDF2Params.getInstance(algorithm.getParameters())
                    .getIterationCount()
                    .intValueExact();
        }
    }

    /** Derives the key; the caller still owns, and wipes, the passphrase. */
    static PassphraseKey derive(char[] passphrase, Parameters parameters) {
        byte[] password = PBEParametersGenerator.PKCS5PasswordToUTF8Bytes(passphrase);
        try {
            PKCS5S2ParametersGenerator pbkdf2 = new PKCS5S2ParametersGenerator(new SHA256Digest());
            pbkdf2.init(password, parameters.salt(), parameters.iterations());
            KeyParameter derived = (KeyParameter) pbkdf2.generateDerivedParameters(8 * KEY_LENGTH);
            return new PassphraseKey(parameters, SecretBytes.owning(derived.getKey()));
        } finally {
            Arrays.fill(password, (byte) 0);
        }
    }

    @Override
    public void close() {
        key.close();
    }
}
