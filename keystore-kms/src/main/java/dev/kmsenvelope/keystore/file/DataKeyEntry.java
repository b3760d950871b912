package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.provider.StoredDataKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A data key, encrypted under a key of the main service, in one or more versions: the newest encrypts, the others still
 * decrypt. One key has one usage (RULES 9).
 *
 * @param alias the name of the entry
 * @param created when the entry was made
 * @param key the key that all versions are encrypted under: a key id or ARN
 * @param context the caller's pairs in the encryption context, at most 64; names that start with {@code kms-envelope-} or
 *     {@code aws-crypto-} are reserved
 * @param usage the one thing that the key is for
 * @param length of the key, in bytes, as the usage allows
 * @param extractable whether the key may be given out in the clear
 * @param maxMessages how many messages one process may encrypt with random IVs under one version, 1 to 2^32 (RULES 10);
 *     {@link StoredDataKey#DEFAULT_MAX_MESSAGES} if in doubt
 * @param versions 1 to 1000, their numbers increasing
 */
public record DataKeyEntry(
        String alias,
        Instant created,
        KeyId key,
        Map<String, String> context,
        DataKeyUsage usage,
        int length,
        boolean extractable,
        long maxMessages,
        List<Version> versions)
        implements StoreEntry {

    static final String KIND = "data-key";

    /**
     * Checks and copies the fields.
     *
     * @throws IllegalArgumentException if one is not as it should be
     */
    public DataKeyEntry {
        alias = EntryFields.alias(alias);
        created = EntryFields.created(created);
        Objects.requireNonNull(key, "key");
        context = EntryContext.requireOwn(context);
        StoreLimits.require(usage.accepts(length), length, lengthOf(usage) + ", not " + Byte.SIZE * length);
        StoreLimits.require(
                maxMessages >= 1 && maxMessages <= StoredDataKey.MOST_MESSAGES,
                maxMessages,
                "1 to 2^32 messages can be allowed");
        versions = List.copyOf(versions);
        StoreLimits.require(
                !versions.isEmpty() && versions.size() <= StoreLimits.VERSIONS,
                versions,
                "a data key has 1 to " + StoreLimits.VERSIONS + " versions, not " + versions.size());
        int before = 0;
        for (Version version : versions) {
            StoreLimits.require(version.number() > before, version, "the numbers of versions increase");
            before = version.number();
        }
    }

    private static String lengthOf(DataKeyUsage usage) {
        return "a key for " + usage.transformation() + " has "
                + (usage.algorithm().equals("AES") ? "128, 192 or 256" : "128 to 512") + " bits";
    }

    /**
     * One generation of the key.
     *
     * @param number 1 or more
     * @param created when it was made
     * @param blob the encrypted key as {@link dev.kmsenvelope.kms.KeyService#toBlob} gave it, 1 to 65536 bytes; copied
     */
    public record Version(int number, Instant created, byte[] blob) {

        /**
         * Checks and copies the fields.
         *
         * @throws IllegalArgumentException if one is not as it should be
         */
        public Version {
            StoreLimits.require(number >= 1, number, "the number of a version is 1 or more");
            created = EntryFields.created(created);
            blob = Bytes.require(blob, StoreLimits.BLOB, "an encrypted data key");
        }

        /**
         * The encrypted key.
         *
         * @return a copy
         */
        @Override
        public byte[] blob() {
            return blob.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Version that
                    && number == that.number
                    && created.equals(that.created)
                    && Arrays.equals(blob, that.blob);
        }

        @Override
        public int hashCode() {
            return 31 * number + Arrays.hashCode(blob);
        }

        @Override
        public String toString() {
            return "Version[" + number + "]";
        }
    }

    /**
     * The version that encrypts.
     *
     * @return the last one
     */
    public Version newest() {
        return versions.get(versions.size() - 1);
    }

    /**
     * Finds a version.
     *
     * @param number its number
     * @return the version, or empty if there is none of that number
     */
    public Optional<Version> version(int number) {
        return versions.stream().filter(version -> version.number() == number).findFirst();
    }

    /**
     * This entry without one of its versions: what was encrypted with it does not open any more.
     *
     * @param number its number
     * @return the rest
     * @throws IllegalArgumentException if it is the only one, or there is none of that number
     */
    public DataKeyEntry withoutVersion(int number) {
        List<Version> rest = new ArrayList<>(versions);
        StoreLimits.require(
                rest.removeIf(version -> version.number() == number), rest, "there is no version " + number);
        return withVersions(rest);
    }

    DataKeyEntry withVersions(List<Version> others) {
        return withKey(key, others);
    }

    DataKeyEntry withKey(KeyId other, List<Version> others) {
        return new DataKeyEntry(alias, created, other, context, usage, length, extractable, maxMessages, others);
    }

    DataKeyEntry withAlias(String other) {
        return new DataKeyEntry(other, created, key, context, usage, length, extractable, maxMessages, versions);
    }

    DataKeyEntry limited(boolean isExtractable, long messages) {
        return new DataKeyEntry(alias, created, key, context, usage, length, isExtractable, messages, versions);
    }

    @Override
    public String kind() {
        return KIND;
    }

    /** Names no value of the context. */
    @Override
    public String toString() {
        return "DataKeyEntry[" + alias + ", " + usage + ", " + versions + "]";
    }
}
