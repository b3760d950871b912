package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In a container: several class loaders have the library, each with a bean of its own, and each can go. */
class UnloadingTest {

    private static final int TRIES = 600;
    private static final int PAUSE_MILLIS = 50;

    @TempDir
    private Path directory;

    /** Runs inside the other class loader: opens a service, encrypts through a cache, and keeps what it opened. */
    public static final class Application implements Function<String, Object> {

        @Override
        public Object apply(String directory) {
            KeyId id = KeyId.of("alias/orders");
            // As long as there are data keys, a thread waits to wipe them.
            Configuration configuration = Configuration.of(Map.of(
                    "local.directory",
                    directory,
                    "cache.flush-file",
                    directory + File.separator + "flush",
                    "cache.max-age",
                    "2s"));
            try (KeyAdministration keys = Backends.openAdministration(configuration)) {
                if (keys.list().isEmpty()) {
                    keys.createKey(KeySpec.SYMMETRIC_DEFAULT, id);
                }
            }
            KmsSecretKey key = KmsSecretKey.of(
                    KeyServices.open(configuration), KeyReference.ofMain(id), KeyPolicy.of(configuration, id));
            try {
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());
                cipher.init(Cipher.ENCRYPT_MODE, key);
                cipher.doFinal(new byte[100]);
            } catch (java.security.GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
            return key;
        }
    }

    /** Runs inside the other class loader too. */
    public static final class Stop implements Callable<Boolean> {

        @Override
        public Boolean call() {
            KmsEnvelope.shutdown();
            return true;
        }
    }

    private static URLClassLoader load(String name) throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        return new URLClassLoader(name, urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    private static Object start(ClassLoader loader, String home) throws Exception {
        Class<?> application = loader.loadClass(Application.class.getName());
        @SuppressWarnings("unchecked") // the class as it is written above
        Function<String, Object> start =
                (Function<String, Object>) application.getConstructor().newInstance();
        Object key = start.apply(home);
        assertThat(key.getClass()).isNotEqualTo(KmsSecretKey.class);
        return key;
    }

    private static void stop(ClassLoader loader) throws Exception {
        Class<?> stop = loader.loadClass(Stop.class.getName());
        ((Callable<?>) stop.getConstructor().newInstance()).call();
    }

    private static Set<String> beans(String name) throws Exception {
        return ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("dev.kmsenvelope:type=KmsEnvelope,*"), null)
                .stream()
                .map(bean -> bean.getKeyProperty("loader"))
                .filter(loader -> loader.contains(name))
                .collect(Collectors.toSet());
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        for (int i = 0; i < TRIES && !condition.call(); i++) {
            Thread.sleep(PAUSE_MILLIS);
            System.gc();
        }
        assertThat(condition.call()).as(what).isTrue();
    }

    @Test
    void twoApplicationsHaveABeanEachAndOneCanStop() throws Exception {
        try (URLClassLoader one = load("same-name");
                URLClassLoader other = load("same-name")) {
            Object keys = List.of(
                    start(one, directory.resolve("one").toString()),
                    start(other, directory.resolve("other").toString()));
            await("two beans", () -> beans("same-name").size() == 2);
            stop(one);
            assertThat(beans("same-name")).hasSize(1);
            stop(other);
            assertThat(beans("same-name")).isEmpty();
            assertThat(keys).isNotNull();
        }
    }

    /**
     * In a JVM of its own, where soft references, by which the JDK remembers classes that it did something for, are cleared
     * at once.
     */
    @ParameterizedTest
    @ValueSource(strings = {"stopped", "forgotten"})
    void theClassLoaderCanGoAfterShutdownAndWhenAllIsForgotten(String how) throws Exception {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:SoftRefLRUPolicyMSPerMB=0",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        how,
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(Files.readString(output)).contains("shown true").contains("unloaded true");
        assertThat(process.exitValue()).isZero();
    }

    /** What runs in the other JVM. */
    public static final class Program {

        /** The JDK 17 keeps the class of the record whose equals it linked last. */
        private record Other(Object one) {}

        private Program() {}

        public static void main(String[] arguments) throws Exception {
            WeakReference<ClassLoader> gone = run(arguments[0], arguments[1]);
            if (new Other("x").equals(new Other("y"))) {
                throw new AssertionError();
            }
            await("no bean", () -> beans(arguments[0]).isEmpty());
            await("unloaded", () -> gone.get() == null);
            System.out.println("unloaded true");
        }

        private static WeakReference<ClassLoader> run(String how, String directory) throws Exception {
            try (URLClassLoader loader = load(how)) {
                start(loader, directory);
                await("shown", () -> !beans(how).isEmpty());
                System.out.println("shown true");
                if (how.equals("stopped")) {
                    stop(loader);
                    System.out.println(beans(how));
                }
                return new WeakReference<>(loader);
            }
        }
    }
}
