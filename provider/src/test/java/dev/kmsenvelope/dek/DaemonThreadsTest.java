package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A thread that is at work does not keep the application whose call it was made for. */
class DaemonThreadsTest {

    /** An application, loaded once more by a class loader of its own, which calls what it is given. */
    public static final class Application implements Consumer<Runnable> {
        @Override
        public void accept(Runnable call) {
            call.run();
        }
    }

    private static WeakReference<ClassLoader> callFromAnApplication(Runnable call) throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        try (URLClassLoader loader =
                new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Class<?> application = loader.loadClass(Application.class.getName());
            assertThat(application).isNotEqualTo(Application.class);
            @SuppressWarnings("unchecked") // the class as it is written above
            Consumer<Runnable> calling =
                    (Consumer<Runnable>) application.getConstructor().newInstance();
            calling.accept(call);
            return new WeakReference<>(loader);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    @DisplayName("Neither a loader nor the timer keeps the class loader of the code that called first")
    void keepsNoCaller() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch atWork = new CountDownLatch(2);
        Runnable work = () -> {
            atWork.countDown();
            await(end);
        };
        CacheThreads threads = new CacheThreads();
        try {
            List<WeakReference<ClassLoader>> applications = List.of(
                    callFromAnApplication(() -> assertThat(threads.start(work)).isTrue()),
                    callFromAnApplication(
                            () -> assertThat(threads.later(work, 0)).isTrue()));
            await(atWork);
            for (WeakReference<ClassLoader> application : applications) {
                TestCache.eventually(() -> {
                    System.gc();
                    return application.get() == null;
                });
            }
        } finally {
            end.countDown();
        }
    }

    @Test
    @DisplayName("A thread is a daemon with the context class loader that is asked for, and without thread-locals")
    void properties() throws Exception {
        InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
        local.set("the application's");
        List<Object> seen = new ArrayList<>();
        ClassLoader context = new ClassLoader(null) {};
        for (ClassLoader each : new ClassLoader[] {context, null}) {
            Thread thread = DaemonThreads.make(
                    "some name",
                    () -> {
                        seen.add(String.valueOf(local.get()));
                        seen.add(String.valueOf(Thread.currentThread().getContextClassLoader()));
                    },
                    each);
            assertThat(thread.isDaemon()).isTrue();
            assertThat(thread.getName()).isEqualTo("some name");
            assertThat(thread.getState()).isEqualTo(Thread.State.NEW);
            thread.start();
            thread.join();
        }
        local.remove();
        assertThat(seen).containsExactly("null", context.toString(), "null", "null");
    }
}
