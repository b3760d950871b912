package dev.kmsenvelope.aws;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyId;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** How what AWS KMS encrypted stands in a message, as the AWS Encryption SDK's KMS keyrings lay it out, and its aliases. */
final class AwsNames {

    /** The provider id. */
    static final String PROVIDER_ID = "aws-kms";

    /** The most bytes of a ciphertext that AWS KMS makes or takes. */
    static final int MAX_CIPHERTEXT = 6144;

    private static final Pattern ALIAS = Pattern.compile("alias/[A-Za-z0-9/_-]{1,250}");
    private static final String RESERVED_ALIAS_PREFIX = "alias/aws/";

    private AwsNames() {}

    /** The provider info is the ARN of the key. */
    static EncryptedDataKey entry(KeyArn key, byte[] ciphertext) {
        return new EncryptedDataKey(PROVIDER_ID, key.toString().getBytes(StandardCharsets.UTF_8), ciphertext);
    }

    /** The key that an encrypted data key names, if AWS KMS made it. */
    static Optional<KeyArn> arn(EncryptedDataKey encrypted) {
        return encrypted.providerId().equals(PROVIDER_ID) ? KeyArn.parse(encrypted.providerInfo()) : Optional.empty();
    }

    /**
     * Checks the name of an alias that is to be made or changed.
     *
     * @throws IllegalArgumentException if AWS KMS allows no such alias
     */
    static void requireAlias(KeyId alias) {
        String name = KeyArn.withoutArn(alias).value();
        if (!ALIAS.matcher(name).matches() || name.startsWith(RESERVED_ALIAS_PREFIX)) {
            throw new IllegalArgumentException("the alias '" + name + "' must be alias/ and 1 to 250 of the characters"
                    + " A-Z a-z 0-9 / _ -, and not start with " + RESERVED_ALIAS_PREFIX);
        }
    }
}
