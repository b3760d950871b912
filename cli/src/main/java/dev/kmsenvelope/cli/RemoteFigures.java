package dev.kmsenvelope.cli;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import dev.kmsenvelope.telemetry.KmsEnvelopeMXBean;
import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import javax.management.JMX;
import javax.management.MBeanServerConnection;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * The figures that another JVM on this machine shows for one of its class loaders.
 *
 * @param loader the class loader's name there
 * @param values numbers, and maps from names to numbers
 */
record RemoteFigures(String loader, Map<String, Object> values) {

    private static final String PATTERN = "dev.kmsenvelope:type=KmsEnvelope,*";

    /**
     * Asks a process.
     *
     * @param pid its number
     * @return at least one
     * @throws IOException if it cannot be asked or shows nothing
     */
    @SuppressWarnings("BanJNDI") // the address is of an agent on this machine, which this process has started itself
    static List<RemoteFigures> of(long pid) throws IOException {
        try (JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address(pid)))) {
            List<RemoteFigures> found = read(connector.getMBeanServerConnection());
            if (found.isEmpty()) {
                throw new IOException(
                        "process " + pid + " shows no figures of KmsEnvelope: it has no open key service of"
                                + " this library, or was started with -Dkmsenvelope.jmx=false");
            }
            return found;
        } catch (MalformedObjectNameException | UndeclaredThrowableException e) {
            throw new IOException("process " + pid + " shows figures of KmsEnvelope that this version cannot read", e);
        }
    }

    private static String address(long pid) throws IOException {
        try {
            requireJvm(pid);
            VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
            try {
                return machine.startLocalManagementAgent();
            } finally {
                machine.detach();
            }
        } catch (AttachNotSupportedException | IOException e) {
            throw new IOException(
                    "process " + pid + " cannot be asked: " + e.getMessage()
                            + "; it must be a running JVM of the same user that allows to be attached to",
                    e);
        } catch (NoClassDefFoundError e) {
            throw new IOException("this Java runtime cannot ask other processes: it lacks the module jdk.attach", e);
        }
    }

    /**
     * Attaching to another program would send it a signal and wait for an answer. Where its memory map cannot be read,
     * attaching tells what is wrong.
     */
    private static void requireJvm(long pid) throws AttachNotSupportedException {
        String map;
        try {
            map = Files.readString(Path.of("/proc", Long.toString(pid), "maps"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return;
        }
        if (!map.contains("libjvm.")) {
            throw new AttachNotSupportedException("it is no JVM");
        }
    }

    private static List<RemoteFigures> read(MBeanServerConnection connection)
            throws IOException, MalformedObjectNameException {
        List<RemoteFigures> found = new ArrayList<>();
        for (ObjectName name : new TreeSet<>(connection.queryNames(new ObjectName(PATTERN), null))) {
            KmsEnvelopeMXBean bean = JMX.newMXBeanProxy(connection, name, KmsEnvelopeMXBean.class);
            found.add(new RemoteFigures(ObjectName.unquote(name.getKeyProperty("loader")), values(bean)));
        }
        return found;
    }

    private static Map<String, Object> values(KmsEnvelopeMXBean bean) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("hits", bean.getHits());
        values.put("misses", bean.getMisses());
        values.put("hitRatio", bean.getHitRatio());
        values.put("negativeHits", bean.getNegativeHits());
        values.put("entries", bean.getEntries());
        values.put("refreshes", bean.getRefreshes());
        values.put("evictions", bean.getEvictions());
        values.put("evictionsByCause", bean.getEvictionsByCause());
        values.put("kmsCalls", bean.getKmsCalls());
        values.put("kmsCallsByKind", bean.getKmsCallsByKind());
        values.put("kmsFailures", bean.getKmsFailures());
        values.put("kmsFailuresByKind", bean.getKmsFailuresByKind());
        values.put("kmsMeanMillis", bean.getKmsMeanMillis());
        values.put("kmsMedianMillis", bean.getKmsMedianMillis());
        values.put("kmsPercentile95Millis", bean.getKmsPercentile95Millis());
        values.put("kmsPercentile99Millis", bean.getKmsPercentile99Millis());
        values.put("kmsMaxMillis", bean.getKmsMaxMillis());
        return values;
    }

    /** For people: a name and a number in each row. */
    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        values.forEach((name, value) -> {
            if (value instanceof Map<?, ?> map) {
                map.forEach(
                        (key, count) -> rows.add(List.of("  " + Text.escape(String.valueOf(key)), count.toString())));
            } else {
                rows.add(List.of(
                        name,
                        value instanceof Double number
                                ? String.format(Locale.ROOT, "%.3f", number)
                                : value.toString()));
            }
        });
        return rows;
    }
}
