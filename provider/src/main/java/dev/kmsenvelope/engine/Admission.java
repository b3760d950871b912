package dev.kmsenvelope.engine;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KmsException;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Decides for one message which of its encrypted data keys an authority may decrypt. Names are looked up when they are first
 * needed, each once, and a service that cannot be used is not asked again: the requests for a message are bounded by what is
 * configured, whatever the message carries. Failures are reported and never thrown, for another authority may open the
 * message. Not thread-safe.
 */
public final class Admission {

    private final Authority authority;
    private final KeyId essential;
    private final Consumer<KmsException> failures;
    private final Queue<KeyId> names;
    private final Set<KeyId> allowed = new HashSet<>();
    private boolean unusable;

    /**
     * Starts with nothing looked up.
     *
     * @param authority whose keys count
     * @param essential the name that it is a failure not to find; another may be that of a former key, deleted since, which
     *     must not stop messages under the others from opening
     * @param failures takes what the service fails with
     */
    public Admission(Authority authority, KeyId essential, Consumer<KmsException> failures) {
        this.authority = authority;
        this.essential = essential;
        this.failures = failures;
        this.names = new ArrayDeque<>(authority.keys());
    }

    /**
     * Tells whether an encrypted data key may be decrypted.
     *
     * @param encrypted what a message carries
     * @return the id of the key to decrypt it with; empty if it is for no key that is allowed
     */
    public Optional<KeyId> admit(EncryptedDataKey encrypted) {
        if (unusable) {
            return Optional.empty();
        }
        Optional<KeyId> key;
        try {
            key = authority.service().keyOf(encrypted);
        } catch (KmsException e) {
            unusable = true;
            failures.accept(e);
            return Optional.empty();
        }
        return key.filter(this::isAllowed);
    }

    private boolean isAllowed(KeyId key) {
        if (authority.discovery().test(key)) {
            return true;
        }
        while (!allowed.contains(key) && !names.isEmpty()) {
            lookUp(names.remove());
        }
        return allowed.contains(key);
    }

    private void lookUp(KeyId name) {
        try {
            allowed.addAll(authority.service().decryptionKeys(name));
        } catch (KeyNotFoundException e) {
            if (name.equals(essential)) {
                failures.accept(e);
            }
        } catch (KmsException e) {
            failures.accept(e);
        }
    }
}
