package dev.kmsenvelope.hierarchy;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyNotFoundException;
import java.util.List;

/**
 * Where branch keys are, for those who administer them: another role than using them, with other rights in the store and
 * in the key-management service. No method gives a branch key away.
 *
 * <p>Implementations are thread-safe. Every method may throw a {@link dev.kmsenvelope.kms.KmsException}.
 */
public interface BranchKeyAdministration extends AutoCloseable {

    /**
     * Makes a branch key with its first version.
     *
     * @param id names it: 1 to 2048 printable ASCII characters without white space, that do not start with {@code alias/}
     * @param context names and values to bind to it for all its life, which the key-management service sees
     * @return its description
     * @throws IllegalArgumentException if a branch key cannot have that name
     * @throws BranchKeyConflictException if there is a branch key of that name already
     */
    BranchKeyDescription create(String id, EncryptionContext context);

    /**
     * Makes a new version of a branch key and lets it encrypt from now on; the older ones go on decrypting. The key of the
     * key-management service stays the same.
     *
     * @param id names the branch key
     * @return its description, with all versions
     * @throws KeyNotFoundException if there is no such branch key
     * @throws BranchKeyConflictException if somebody else rotated it in the same moment; nothing changed then
     */
    BranchKeyDescription rotate(String id);

    /**
     * Tells about a branch key.
     *
     * @param id names the branch key
     * @return its description, with all versions
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
