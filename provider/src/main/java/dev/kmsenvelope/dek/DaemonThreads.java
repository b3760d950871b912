package dev.kmsenvelope.dek;

import java.security.AccessController;
import java.security.PrivilegedAction;
import org.jspecify.annotations.Nullable;

/**
 * Makes threads that others wait for or that are shared: daemons that keep nothing of the application whose call happened to
 * need one, neither its thread-locals and class loader nor the code that called.
 */
public final class DaemonThreads {

    /** Threads of older JDKs keep the protection domains of the code that made them, and so its class loaders. */
    private static final int FIRST_WITHOUT_CONTEXTS = 24;

    private DaemonThreads() {}

    /**
     * Makes a thread and does not start it.
     *
     * @param name its name
     * @param work what it does
     * @param context its context class loader; null for that of the JVM
     * @return the thread
     */
    public static Thread make(String name, Runnable work, @Nullable ClassLoader context) {
        return Runtime.version().feature() < FIRST_WITHOUT_CONTEXTS
                ? Privileged.make(name, work, context)
                : create(name, work, context);
    }

    private static Thread create(String name, Runnable work, @Nullable ClassLoader context) {
        Thread thread = new Thread(null, work, name, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(context);
        return thread;
    }

    /** A class of its own, which is not loaded by a JDK from which what it calls was removed. */
    private static final class Privileged {

        private Privileged() {}

        /** Of the code on the stack, the thread keeps this class only: it claims no right, there is no security manager. */
        @SuppressWarnings("removal") // where it was removed, there is nothing to do
        static Thread make(String name, Runnable work, @Nullable ClassLoader context) {
            return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> create(name, work, context));
        }
    }
}
