package dev.kmsenvelope.dek;

/** Why a data key is no longer cached. */
public enum EvictionCause {
    /** It reached its greatest age. */
    EXPIRED,
    /** It was used for as many messages or bytes as it may be. */
    EXHAUSTED,
    /** A fresh one took its place before its limits were reached. */
    REPLACED,
    /** The service no longer allows its use: the right was taken back, the key was disabled or deleted. */
    REFUSED,
    /** Others are used more, and there is no room for all. */
    SIZE,
    /** Somebody asked for it. */
    FLUSHED,
    /** The cache was closed. */
    CLOSED
}
