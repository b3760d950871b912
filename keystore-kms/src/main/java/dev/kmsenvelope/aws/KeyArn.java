package dev.kmsenvelope.aws;

import dev.kmsenvelope.kms.KeyId;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Amazon Resource Name of a KMS key: {@code arn:partition:kms:region:account:key/id}. Immutable.
 *
 * @param partition for example {@code aws} or {@code aws-cn}
 * @param region for example {@code eu-west-1}
 * @param account twelve digits
 * @param key the key's id: a UUID, or {@code mrk-} and 32 hexadecimal digits for a multi-Region key
 */
record KeyArn(String partition, String region, String account, String key) {

    /** The prefix of the ids of multi-Region keys. */
    static final String MULTI_REGION_PREFIX = "mrk-";

    private static final Pattern KEY =
            Pattern.compile("arn:(aws[a-z-]{0,32}):kms:([a-z0-9-]{1,64}):(\\d{12}):key/([A-Za-z0-9-]{1,128})");
    private static final Pattern ALIAS =
            Pattern.compile("arn:(aws[a-z-]{0,32}):kms:([a-z0-9-]{1,64}):(\\d{12}):(alias/[A-Za-z0-9/_-]{1,256})");
    private static final int MAX_LENGTH = 2048;

    /** Parses strictly: what is not exactly the ARN of a key is none. */
    static Optional<KeyArn> parse(@Nullable String text) {
        if (text == null || text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        Matcher parts = KEY.matcher(text);
        return parts.matches()
                ? Optional.of(new KeyArn(parts.group(1), parts.group(2), parts.group(3), parts.group(4)))
                : Optional.empty();
    }

    /** Parses bytes of a message, which anybody may have written. */
    static Optional<KeyArn> parse(byte[] utf8) {
        if (utf8.length > MAX_LENGTH) {
            return Optional.empty();
        }
        try {
            return parse(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** The Region that a name belongs to, if it says so: ARNs of keys and of aliases do. */
    static Optional<String> regionOf(KeyId name) {
        Matcher alias = ALIAS.matcher(name.value());
        return alias.matches()
                ? Optional.of(alias.group(2))
                : parse(name.value()).map(KeyArn::region);
    }

    /** The account in the ARN of an alias; empty for any other name. */
    static Optional<String> accountOfAlias(KeyId name) {
        Matcher alias = ALIAS.matcher(name.value());
        return alias.matches() ? Optional.of(alias.group(3)) : Optional.empty();
    }

    /** The alias, {@code alias/...}, in a name that is an alias or the ARN of one; the name itself otherwise. */
    static KeyId withoutArn(KeyId name) {
        Matcher alias = ALIAS.matcher(name.value());
        return alias.matches() ? KeyId.of(alias.group(4)) : name;
    }

    boolean isMultiRegion() {
        return key.startsWith(MULTI_REGION_PREFIX);
    }

    /**
     * This key, or for a multi-Region key the related one in a Region. Related keys have the same id and material; their
     * partition and account are the same too, so a Region of another partition has none.
     */
    KeyArn in(String otherRegion) {
        return isMultiRegion() && partition.equals(partitionOf(otherRegion))
                ? new KeyArn(partition, otherRegion, account, key)
                : this;
    }

    /** Whether both have the same material: they are the same key, or related multi-Region keys. */
    boolean isRelatedTo(KeyArn other) {
        return in(other.region).equals(other);
    }

    private static String partitionOf(String region) {
        if (region.startsWith("cn-")) {
            return "aws-cn";
        }
        if (region.startsWith("us-gov-")) {
            return "aws-us-gov";
        }
        if (region.startsWith("us-isob-")) {
            return "aws-iso-b";
        }
        if (region.startsWith("us-isof-")) {
            return "aws-iso-f";
        }
        if (region.startsWith("eu-isoe-")) {
            return "aws-iso-e";
        }
        if (region.startsWith("us-iso-")) {
            return "aws-iso";
        }
        return region.startsWith("eusc-") ? "aws-eusc" : "aws";
    }

    KeyId id() {
        return KeyId.of(toString());
    }

    @Override
    public String toString() {
        return "arn:" + partition + ":kms:" + region + ":" + account + ":key/" + key;
    }
}
