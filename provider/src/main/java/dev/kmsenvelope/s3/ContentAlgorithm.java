package dev.kmsenvelope.s3;

import dev.kmsenvelope.dek.DataKeyUse;

/** How the body of an object is encrypted. */
public enum ContentAlgorithm {
    /** AES-256-GCM with a key of its own by HKDF-SHA512, and a commitment to the data key; version 3. */
    COMMITTING(0x73, "115", 28, 16, true),
    /** AES-256-GCM under the data key itself, without a commitment; version 2. */
    GCM(0x72, "AES/GCM/NoPadding", 12, 16, false),
    /** AES-256-CBC under the data key itself, without authentication; legacy objects. */
    CBC(0x70, "AES/CBC/PKCS5Padding", 16, 0, false);

    /** The length of every data key, in bytes. */
    public static final int DATA_KEY_LENGTH = 32;

    private final int id;
    private final String algorithmName;
    private final int nonceLength;
    private final int tagLength;

    @SuppressWarnings("ImmutableEnumChecker") // a record of numbers
    private final DataKeyUse use;

    ContentAlgorithm(int id, String algorithmName, int nonceLength, int tagLength, boolean derivesKeys) {
        this.id = id;
        this.algorithmName = algorithmName;
        this.nonceLength = nonceLength;
        this.tagLength = tagLength;
        this.use = new DataKeyUse(id, DATA_KEY_LENGTH, derivesKeys);
    }

    /**
     * The number of the algorithm suite.
     *
     * @return an unsigned 16-bit number
     */
    public int id() {
        return id;
    }

    /**
     * How the metadata names it; the encryption context binds this name to the data key.
     *
     * @return the name
     */
    public String algorithmName() {
        return algorithmName;
    }

    /**
     * How long the message id, or the IV, is.
     *
     * @return its length in bytes
     */
    public int nonceLength() {
        return nonceLength;
    }

    /**
     * How long the tag is that ends the body.
     *
     * @return its length in bytes; 0 without authentication
     */
    public int tagLength() {
        return tagLength;
    }

    /**
     * What data keys are for. Those of version 3 may serve many objects, for each has its own key; all others serve one, so
     * that random IVs cannot meet under one key (RULES 10).
     *
     * @return the use
     */
    public DataKeyUse use() {
        return use;
    }
}
