package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.provider.DataKeyUsage;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The encryption contexts in a keystore file: what is wrapped says which file, alias, kind, usage and version it is of, so that
 * nothing unwraps in another place, whatever became of the file.
 *
 * <pre>
 * kms-envelope-keystore     the id of the file
 * kms-envelope-kind         seal, data-key or private-key
 * kms-envelope-format       the version of the format          (seal)
 * kms-envelope-generation   the generation of the file         (seal)
 * kms-envelope-alias        the alias                          (data-key, private-key)
 * kms-envelope-usage        the usage, the algorithm           (data-key, private-key)
 * kms-envelope-version      the number of the version          (data-key)
 * kms-envelope-extractable  true or false                      (data-key)
 * </pre>
 */
final class EntryContext {

    /** Names with this prefix are ours. */
    static final String RESERVED_PREFIX = "kms-envelope-";

    private static final String KEYSTORE = RESERVED_PREFIX + "keystore";
    private static final String KIND = RESERVED_PREFIX + "kind";
    private static final String FORMAT = RESERVED_PREFIX + "format";
    private static final String GENERATION = RESERVED_PREFIX + "generation";
    private static final String ALIAS = RESERVED_PREFIX + "alias";
    private static final String USAGE = RESERVED_PREFIX + "usage";
    private static final String VERSION = RESERVED_PREFIX + "version";
    private static final String EXTRACTABLE = RESERVED_PREFIX + "extractable";

    private EntryContext() {}

    static EncryptionContext ofSeal(String file, long generation) {
        Map<String, String> pairs = pairs(file, "seal", Map.of());
        pairs.put(FORMAT, Integer.toString(StoreCodec.VERSION));
        pairs.put(GENERATION, Long.toString(generation));
        return EncryptionContext.of(pairs);
    }

    static EncryptionContext ofDataKey(
            String file, String alias, DataKeyUsage usage, boolean extractable, int version, Map<String, String> own) {
        Map<String, String> pairs = pairs(file, DataKeyEntry.KIND, own);
        pairs.put(ALIAS, alias);
        pairs.put(USAGE, usage.name());
        pairs.put(EXTRACTABLE, Boolean.toString(extractable));
        pairs.put(VERSION, Integer.toString(version));
        return EncryptionContext.of(pairs);
    }

    static EncryptionContext ofPrivateKey(String file, String alias, String algorithm, Map<String, String> own) {
        Map<String, String> pairs = pairs(file, PrivateKeyEntry.KIND, own);
        pairs.put(ALIAS, alias);
        pairs.put(USAGE, algorithm);
        return EncryptionContext.of(pairs);
    }

    private static Map<String, String> pairs(String file, String kind, Map<String, String> own) {
        Map<String, String> pairs = new LinkedHashMap<>(own);
        pairs.put(KEYSTORE, file);
        pairs.put(KIND, kind);
        return pairs;
    }

    /** A caller's pairs, in the order of their names. */
    static Map<String, String> requireOwn(Map<String, String> pairs) {
        StoreLimits.require(
                pairs.size() <= StoreLimits.CONTEXT_PAIRS,
                pairs,
                "the encryption context of an entry has at most " + StoreLimits.CONTEXT_PAIRS + " pairs, not "
                        + pairs.size());
        StoreLimits.require(
                pairs.keySet().stream().noneMatch(name -> name.startsWith(RESERVED_PREFIX)),
                pairs,
                "names in an encryption context that start with " + RESERVED_PREFIX + " are reserved");
        EncryptionContext.of(pairs);
        return Collections.unmodifiableSortedMap(new TreeMap<>(pairs));
    }

    static String requireAlgorithm(String algorithm) {
        return StoreLimits.require(
                !algorithm.isEmpty()
                        && algorithm.length() <= StoreLimits.ALGORITHM
                        && algorithm.chars().allMatch(c -> c > ' ' && c < 0x7f),
                algorithm,
                "an algorithm's name is 1 to " + StoreLimits.ALGORITHM + " printable ASCII characters");
    }
}
