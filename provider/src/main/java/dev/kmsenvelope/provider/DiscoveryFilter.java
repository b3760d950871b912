package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeyId;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Allows the AWS KMS keys of some accounts, by the ARN that a message names. Whoever may encrypt under any key of such an
 * account can write messages that are then opened. Immutable and thread-safe.
 *
 * @param partition the partition of AWS, such as {@code aws}
 * @param accounts account ids, at least one
 */
public record DiscoveryFilter(String partition, Set<String> accounts) implements Predicate<KeyId> {

    /** The partition of those who name none. */
    public static final String DEFAULT_PARTITION = "aws";

    private static final Pattern PARTITION = Pattern.compile("aws(-[a-z0-9]+)*");
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final Pattern KEY_ARN = Pattern.compile("arn:([^:]+):kms:[a-z0-9-]+:([0-9]{12}):key/[^:/]+");

    /**
     * Checks and copies the accounts.
     *
     * @param partition the partition of AWS
     * @param accounts account ids
     * @throws IllegalArgumentException if there is none, one is not 12 digits, or the partition is none of AWS's
     */
    public DiscoveryFilter {
        accounts = Set.copyOf(accounts);
        if (accounts.isEmpty()) {
            throw new IllegalArgumentException("discovery needs at least one account");
        }
        if (!accounts.stream().allMatch(account -> ACCOUNT.matcher(account).matches())) {
            throw new IllegalArgumentException("an account id is 12 digits");
        }
        if (!PARTITION.matcher(partition).matches()) {
            throw new IllegalArgumentException("a partition is aws, aws-cn, aws-us-gov or another one of AWS's");
        }
    }

    /**
     * A filter.
     *
     * @param partition the partition of AWS
     * @param accounts account ids
     * @return the filter
     * @throws IllegalArgumentException as the constructor
     */
    public static DiscoveryFilter of(String partition, Collection<String> accounts) {
        return new DiscoveryFilter(partition, new TreeSet<>(accounts));
    }

    /**
     * Tells whether a key may be tried.
     *
     * @param key the id that a message names
     * @return true for the ARN of a key, not of an alias, in one of the accounts
     */
    @Override
    public boolean test(KeyId key) {
        Matcher arn = KEY_ARN.matcher(key.value());
        return arn.matches() && arn.group(1).equals(partition) && accounts.contains(arn.group(2));
    }
}
