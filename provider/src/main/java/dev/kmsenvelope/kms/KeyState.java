package dev.kmsenvelope.kms;

/** Whether a key can be used. */
public enum KeyState {
    /** It encrypts and decrypts. */
    ENABLED,
    /** An administrator switched it off; it can be switched on again. */
    DISABLED,
    /** It will be destroyed at its deletion date and cannot be used until then; the deletion can be cancelled. */
    PENDING_DELETION
}
