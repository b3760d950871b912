package dev.kmsenvelope.dek;

import com.github.benmanes.caffeine.cache.Scheduler;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of all caches: up to {@value #MAX_LOADERS} that ask services, and one that wipes what became too old. Each ends
 * after {@value #IDLE_SECONDS} idle seconds, the latter when nothing is left to become too old. All are daemons; none is
 * there before it is needed. They keep no class loader of a caller: the JDK's shared timer thread would, for good.
 */
final class CacheThreads {

    /** Those of this process: caches may be many, and be let go of without being closed. */
    static final CacheThreads SHARED = new CacheThreads();

    /** More keys than that which are slow at once are asked for by those who wait for them. */
    static final int MAX_LOADERS = 64;

    private static final int IDLE_SECONDS = 1;

    private final ThreadPoolExecutor loaders = new ThreadPoolExecutor(
            0, MAX_LOADERS, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), new Daemons("loader"));
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, new Daemons("timer"));

    CacheThreads() {
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        timer.setRemoveOnCancelPolicy(true);
    }

    /**
     * Starts work in the background, which sees the context class loader of the caller, as it would if the caller did it.
     *
     * @return false if all threads are busy, or none can be made
     */
    boolean start(Runnable work) {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        try {
            loaders.execute(() -> {
                try {
                    Thread.currentThread().setContextClassLoader(context);
                } finally {
                    work.run();
                }
                Thread.currentThread().setContextClassLoader(CacheThreads.class.getClassLoader());
            });
            return true;
        } catch (RejectedExecutionException | OutOfMemoryError e) { // the latter when no thread can be made
            return false;
        }
    }

    /**
     * Does something later, in the thread that also drops what became too old: must be quick.
     *
     * @return false if this was closed
     */
    boolean later(Runnable work, long millis) {
        try {
            Future<?> unused = timer.schedule(work, millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            return false;
        }
    }

    Scheduler scheduler() {
        return Scheduler.guardedScheduler(Scheduler.forScheduledExecutorService(timer));
    }

    private static final class Daemons implements ThreadFactory {

        private final AtomicInteger count = new AtomicInteger();
        private final String name;

        Daemons(String name) {
            this.name = name;
        }

        @Override
        public Thread newThread(Runnable work) {
            return DaemonThreads.make(
                    "kms-envelope-cache-" + name + "-" + count.incrementAndGet(),
                    work,
                    CacheThreads.class.getClassLoader());
        }
    }
}
