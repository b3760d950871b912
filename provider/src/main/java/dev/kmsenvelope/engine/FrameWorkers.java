package dev.kmsenvelope.engine;

import dev.kmsenvelope.dek.DaemonThreads;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that help with long messages: daemons, shared by all operations of this JVM, started when first needed and
 * gone after {@value #IDLE_SECONDS} idle seconds. Help is never waited for: a request that finds no free thread and no room
 * for a new one is dropped, and who asked does the work alone. So it cannot deadlock, whatever thread asks.
 *
 * <p>The threads keep neither thread-locals nor the class loader of who asked first, so that an application can be unloaded.
 */
final class FrameWorkers {

    static final int IDLE_SECONDS = 5;

    /** More would wait for each other; 8 at least, for processes that are given processors while they run. */
    private static final int MOST = Math.max(8, Runtime.getRuntime().availableProcessors());

    private static final String NAME = "kms-envelope-frames-";
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            0,
            MOST,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            FrameWorkers::thread,
            new ThreadPoolExecutor.DiscardPolicy());

    private FrameWorkers() {}

    private static Thread thread(Runnable work) {
        return DaemonThreads.make(NAME + COUNT.incrementAndGet(), work, null);
    }

    /** Has a free thread run this, if there is one. */
    static void ask(Runnable help) {
        try {
            POOL.execute(help);
        } catch (OutOfMemoryError e) {
            // No thread can be made: who asked does the work alone.
        }
    }
}
