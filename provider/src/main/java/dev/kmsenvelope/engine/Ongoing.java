package dev.kmsenvelope.engine;

/** Work on a piece of a message that other threads may have begun with. */
public interface Ongoing {

    /**
     * Works too, and waits for the others; to be called once, by the thread that began. After it no other thread uses the
     * arrays, however it ends.
     *
     * @return how many bytes were written
     */
    int finish();
}
