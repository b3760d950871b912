package dev.kmsenvelope.hierarchy;

import dev.kmsenvelope.kms.KeyNotFoundException;
import java.util.List;
import java.util.UUID;

/**
 * Where branch keys are, for those who use them. Each call to {@link #active} or {@link #version} is one request to the store
 * and one to the key-management service; who uses branch keys often caches them, as {@link BranchKeys#service} does.
 *
 * <p>Implementations are thread-safe. Every method may throw a {@link dev.kmsenvelope.kms.KmsException}; an item that was
 * changed in the store is a {@link BranchKeyStoreException}, never an invalid ciphertext, for it is not the message's fault.
 */
public interface BranchKeyStore extends AutoCloseable {

    /**
     * Names the store for people: in error texts.
     *
     * @return for example the path of a file
     */
    String name();

    /**
     * The version of a branch key that encrypts.
     *
     * @param id names the branch key
     * @return the key; the caller closes it
     * @throws KeyNotFoundException if there is no such branch key
     */
    BranchKey active(String id);

    /**
     * A version of a branch key, which decrypts what was encrypted while it was the active one.
     *
     * @param id names the branch key
     * @param version which version
     * @return the key; the caller closes it
     * @throws KeyNotFoundException if there is no such branch key, or no such version of it
     */
    BranchKey version(String id, UUID version);

    /**
     * Tells about a branch key, without a request to the key-management service.
     *
     * @param id names the branch key
     * @return its description
     * @throws KeyNotFoundException if there is no such branch key
     */
    BranchKeyDescription describe(String id);

    /**
     * Lists the branch keys, in the order of their active versions' creation.
     *
     * @return each with its active version only
     */
    List<BranchKeyDescription> list();

    /** Releases what is held; idempotent. */
    @Override
    void close();
}
