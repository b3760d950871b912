package dev.kmsenvelope.metering;

import org.jspecify.annotations.Nullable;

/**
 * Shows the figures by JMX as long as there is an open service, and notices when a service was forgotten rather than closed, so
 * that the bean does not keep this library's class loader alive for ever. Its thread does nothing else; it keeps starting the
 * JVM's management, which takes long, off the first message's way.
 */
final class Keeper {

    private final OpenServices services;
    private final Thread thread;
    private @Nullable Management management;
    private boolean ended;

    Keeper(OpenServices services) {
        this.services = services;
        // without the creator's thread locals and class loader, which belong to an application
        thread = new Thread(null, this::run, "kms-envelope-jmx", 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
    }

    /** Whether there is anything to keep: the module may be missing. */
    static boolean isPossible() {
        if ("false".equalsIgnoreCase(System.getProperty("kmsenvelope.jmx"))) {
            return false;
        }
        try {
            Class<?> factory = Class.forName("java.lang.management.ManagementFactory", false, null);
            Keeper.class.getModule().addReads(factory.getModule());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    void start() {
        thread.start();
    }

    private void run() {
        show(Management.ofThisProcess());
        try {
            while (!hasEnded()) {
                services.forgetOne();
            }
        } catch (InterruptedException e) {
            // ended
        }
    }

    private synchronized void show(Management made) {
        if (!ended) {
            made.register();
            management = made;
        }
    }

    private synchronized boolean hasEnded() {
        return ended;
    }

    /** Takes the bean away at once, and lets the thread end. */
    void end() {
        synchronized (this) {
            ended = true;
            if (management != null) {
                management.unregister();
                management = null;
            }
        }
        thread.interrupt();
    }

    /** Waits for the thread's end; after {@link #end}, that is as long as starting the JVM's management may take. */
    void join() throws InterruptedException {
        if (!Thread.currentThread().equals(thread)) {
            thread.join();
        }
    }
}
