package dev.kmsenvelope.metering;

import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanRegistrationException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/** The bean in the JVM's own MBean server; the only class that knows the module {@code java.management}. */
final class Management {

    /** Whether to show figures by JMX: {@code false} turns it off, for a process that has no time for it. */
    static final String PROPERTY = "kmsenvelope.jmx";

    private static final System.Logger LOGGER = System.getLogger(Management.class.getName());
    private static final int MOST_LOADERS = 10_000;

    private final MBeanServer server;
    private @Nullable ObjectName name;

    /** Starts the JVM's management if it was not started, which takes some hundred milliseconds. */
    private Management() {
        server = ManagementFactory.getPlatformMBeanServer();
    }

    static Management ofThisProcess() {
        return new Management();
    }

    /** Adds the bean; that it cannot be added is logged, and stops nobody from encrypting. */
    void register() {
        try {
            name = addUnderFreeName();
        } catch (JMException | SecurityException e) {
            LOGGER.log(Level.WARNING, "the figures of KmsEnvelope are not shown by JMX", e);
        }
    }

    /**
     * One name for each class loader that has this library: loaders of several applications may have the same name, and even
     * the same identity hash code.
     */
    private ObjectName addUnderFreeName() throws JMException {
        String loader = loaderName();
        for (int i = 1; ; i++) {
            ObjectName candidate = new ObjectName(
                    "dev.kmsenvelope:type=KmsEnvelope,loader=" + ObjectName.quote(i == 1 ? loader : loader + "#" + i));
            try {
                server.registerMBean(new ManagementBean(), candidate);
                return candidate;
            } catch (InstanceAlreadyExistsException e) {
                if (i == MOST_LOADERS) {
                    throw e;
                }
            }
        }
    }

    private static String loaderName() {
        ClassLoader loader = Management.class.getClassLoader();
        if (loader == null) {
            return "boot";
        }
        if (loader.equals(ClassLoader.getSystemClassLoader())) {
            return "app";
        }
        String own = loader.getName() == null ? loader.getClass().getSimpleName() : loader.getName();
        return own + "@" + Integer.toHexString(System.identityHashCode(loader));
    }

    void unregister() {
        ObjectName registered = name;
        if (registered == null) {
            return;
        }
        name = null;
        try {
            server.unregisterMBean(registered);
        } catch (InstanceNotFoundException e) {
            LOGGER.log(Level.DEBUG, "somebody else removed the bean of KmsEnvelope", e);
        } catch (MBeanRegistrationException | SecurityException e) {
            LOGGER.log(Level.WARNING, "the bean of KmsEnvelope stays in JMX", e);
        }
    }
}
