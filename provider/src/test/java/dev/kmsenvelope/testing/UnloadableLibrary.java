package dev.kmsenvelope.testing;

import java.io.File;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * The library with all that it needs in a class loader of its own, as in a container: every class on the class path is
 * loaded a second time, so nothing of it is shared with the tests. Tells whether it can be unloaded, and which threads it
 * left.
 */
public final class UnloadableLibrary {

    private static final int MAX_COLLECTIONS = 60;
    private static final int FEW_COLLECTIONS = 5;
    private static final long PAUSE_MILLIS = 100;

    private UnloadableLibrary() {}

    /**
     * What became of the library.
     *
     * @param isUnloaded whether its class loader could be collected
     * @param threads the names of the threads that it started and that did not end
     */
    public record Remains(boolean isUnloaded, List<String> threads) {}

    /**
     * Loads the library, runs a program in it, forgets it, and waits for what is expected to end.
     *
     * @param program is loaded a second time too, and cleans up what it does; has a constructor without parameters
     * @return what remained
     */
    public static Remains run(Class<? extends Callable<?>> program) throws Exception {
        return run(program, MAX_COLLECTIONS);
    }

    /** The same, for what is not expected to end. */
    public static Remains runInVain(Class<? extends Callable<?>> program) throws Exception {
        return run(program, FEW_COLLECTIONS);
    }

    private static Remains run(Class<? extends Callable<?>> program, int collections) throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        ReferenceQueue<ClassLoader> unreachable = new ReferenceQueue<>();
        PhantomReference<ClassLoader> loader = loadAndRun(program, unreachable);
        useOtherRecords();
        boolean unloaded = false;
        for (int i = 0; i < collections && !(unloaded && started(before).isEmpty()); i++) {
            System.gc();
            unloaded |= loader.equals(unreachable.remove(PAUSE_MILLIS));
        }
        return new Remains(unloaded, started(before));
    }

    private static PhantomReference<ClassLoader> loadAndRun(
            Class<? extends Callable<?>> program, ReferenceQueue<ClassLoader> unreachable) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader context = thread.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(loader);
            Class<?> again = loader.loadClass(program.getName());
            ((Callable<?>) again.getDeclaredConstructor().newInstance()).call();
            return new PhantomReference<>(loader, unreachable);
        } finally {
            thread.setContextClassLoader(context);
        }
    }

    /**
     * Each of the JDK's two method handles that compare and hash the components of all records refers to the type that it was
     * last adapted to (JDK-8078641): strongly until JDK 18, softly since then. This makes it a type of another class loader.
     */
    private static void useOtherRecords() throws Exception {
        try (URLClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
            Class<?> again = loader.loadClass(OtherRecords.class.getName());
            ((Callable<?>) again.getDeclaredConstructor().newInstance()).call();
        }
    }

    /** Compares and hashes a record. */
    public static final class OtherRecords implements Callable<Boolean> {

        private record Other(OtherRecords component) {}

        @Override
        public Boolean call() {
            return new Other(this).equals(new Other(this)) && new Other(this).hashCode() == hashCode();
        }
    }

    private static URL[] classPath() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return urls.toArray(URL[]::new);
    }

    /** The JVM's own threads, such as its compilers', come and go; they are of no class loader. */
    private static List<String> started(Set<Thread> before) {
        Set<Thread> started = new HashSet<>(Thread.getAllStackTraces().keySet());
        started.removeAll(before);
        return started.stream()
                .filter(thread -> thread.isAlive() && !isOfTheJvm(thread))
                .map(Thread::getName)
                .sorted()
                .toList();
    }

    private static boolean isOfTheJvm(Thread thread) {
        ThreadGroup group = thread.getThreadGroup();
        return group == null
                || group.getParent() == null
                || thread.getClass().getName().startsWith("jdk.internal.");
    }
}
