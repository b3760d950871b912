package dev.kmsenvelope.testing.kms;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who may do what. An access key of which nothing is said here may do everything. Actions are named as IAM names them,
 * without {@code kms:}, for example {@code ReEncryptFrom}. Thread-safe.
 */
public final class AccessRules {

    private final Map<String, Set<String>> denied = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> allowed = new ConcurrentHashMap<>();
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();
    private final Set<String> expired = ConcurrentHashMap.newKeySet();

    AccessRules() {}

    /** Takes these actions from whoever has that access key. */
    public void deny(String accessKey, String... actions) {
        denied.merge(accessKey, Set.of(actions), AccessRules::union);
    }

    /** Leaves only these actions to whoever has that access key. */
    public void allowOnly(String accessKey, String... actions) {
        allowed.put(accessKey, Set.of(actions));
    }

    /** Makes an access key one that nobody has. */
    public void forget(String accessKey) {
        unknown.add(accessKey);
    }

    /** Ends the validity of an access key. */
    public void expire(String accessKey) {
        expired.add(accessKey);
    }

    /** Allows everybody everything again. */
    public void clear() {
        denied.clear();
        allowed.clear();
        unknown.clear();
        expired.clear();
    }

    private static Set<String> union(Set<String> some, Set<String> more) {
        Set<String> union = new HashSet<>(some);
        union.addAll(more);
        return union;
    }

    void authenticate(Caller caller) {
        if (unknown.contains(caller.accessKey())) {
            throw KmsError.of("UnrecognizedClientException", "The security token included in the request is invalid.");
        }
        if (expired.contains(caller.accessKey())) {
            throw KmsError.of("ExpiredTokenException", "The security token included in the request is expired");
        }
    }

    /** Whether the caller's own policy allows an action; a grant may still. */
    boolean allows(Caller caller, String action) {
        Set<String> only = allowed.get(caller.accessKey());
        return (only == null || only.contains(action))
                && !denied.getOrDefault(caller.accessKey(), Set.of()).contains(action);
    }
}
