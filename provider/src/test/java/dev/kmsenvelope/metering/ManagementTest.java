package dev.kmsenvelope.metering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.telemetry.KmsEnvelopeMXBean;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Set;
import java.util.function.BooleanSupplier;
import javax.management.Attribute;
import javax.management.AttributeNotFoundException;
import javax.management.JMX;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bean in JMX: there as long as a service is open, and for reading only. */
class ManagementTest {

    private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();
    private static final int TRIES = 500;
    private static final int PAUSE_MILLIS = 20;

    static Set<ObjectName> beans() throws Exception {
        return SERVER.queryNames(new ObjectName("dev.kmsenvelope:type=KmsEnvelope,*"), null);
    }

    /** Waits until the other thread got there. */
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < TRIES && !condition.getAsBoolean(); i++) {
            Thread.sleep(PAUSE_MILLIS);
        }
        assertThat(condition.getAsBoolean()).as(what).isTrue();
    }

    private static boolean isShown() {
        try {
            return !beans().isEmpty();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    @AfterEach
    void closeAll() {
        OpenServices.ALL.closeAll();
        assertThat(isShown()).isFalse();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("kms-envelope-jmx");
    }

    @Test
    void itIsThereWhileAServiceIsOpen() throws Exception {
        MeasuredKeyService one = MeasuredKeyService.of(new InMemoryKeyService(), "one");
        MeasuredKeyService other = MeasuredKeyService.of(new InMemoryKeyService(), "other");
        await("shown", ManagementTest::isShown);
        assertThat(beans())
                .hasSize(1)
                .allMatch(name -> name.getKeyProperty("loader").equals("\"app\""));
        one.close();
        assertThat(isShown()).isTrue();
        other.close();
        assertThat(isShown()).isFalse();

        MeasuredKeyService again = MeasuredKeyService.of(new InMemoryKeyService(), "again");
        await("shown again", ManagementTest::isShown);
        again.close();
        assertThat(isShown()).isFalse();
    }

    @Test
    void itIsGoneWhenTheLastServiceIsForgotten() throws Exception {
        MeasuredKeyService service = MeasuredKeyService.of(new InMemoryKeyService(), "forgotten");
        await("shown", ManagementTest::isShown);
        assertThat(service.isClosed()).isFalse();
        service = null;
        await("gone", () -> {
            System.gc();
            return !isShown();
        });
    }

    @Test
    void openingAndClosingAtOnceLeavesNothing() throws Exception {
        for (int i = 0; i < 50; i++) {
            MeasuredKeyService.of(new InMemoryKeyService(), "short").close();
        }
        OpenServices.ALL.closeAll();
        await(
                "threads end",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("kms-envelope-jmx")));
        assertThat(isShown()).isFalse();
    }

    @Test
    void itTellsTheFigures() throws Exception {
        InMemoryKeyService real = new InMemoryKeyService().withKey("k");
        try (MeasuredKeyService service = MeasuredKeyService.of(real, "figures")) {
            await("shown", ManagementTest::isShown);
            KmsEnvelopeMXBean bean =
                    JMX.newMXBeanProxy(SERVER, beans().iterator().next(), KmsEnvelopeMXBean.class);
            long calls = bean.getKmsCalls();
            long failures = bean.getKmsFailures();
            long throttled = bean.getKmsFailuresByKind().getOrDefault("THROTTLED", 0L);
            service.generateDataKey(KeyId.of("k"), 32, EncryptionContext.empty());
            real.failWith(() -> new KmsThrottledException("secret text of the service"));
            assertThat(org.assertj.core.api.Assertions.catchThrowable(service::list))
                    .isInstanceOf(KmsThrottledException.class);
            assertThat(bean.getKmsCalls()).isEqualTo(calls + 2);
            assertThat(bean.getKmsFailures()).isEqualTo(failures + 1);
            assertThat(bean.getKmsFailuresByKind()).containsEntry("THROTTLED", throttled + 1);
            assertThat(bean.getKmsCallsByKind())
                    .containsEntry("figures/GENERATE_DATA_KEY", 1L)
                    .containsEntry("figures/LIST_KEYS", 1L);
            assertThat(bean.getKmsMaxMillis()).isPositive();
            assertThat(bean.getKmsMeanMillis()).isPositive().isLessThanOrEqualTo(bean.getKmsMaxMillis());
            assertThat(bean.getKmsMedianMillis()).isLessThanOrEqualTo(bean.getKmsPercentile95Millis());
            assertThat(bean.getKmsPercentile95Millis()).isLessThanOrEqualTo(bean.getKmsPercentile99Millis());
            assertThat(bean.getHitRatio()).isBetween(0.0, 1.0);
        }
    }

    /** RULES 20: JMX is read-only. */
    @Test
    void nothingCanBeChangedOrDone() throws Exception {
        try (MeasuredKeyService service = MeasuredKeyService.of(new InMemoryKeyService(), "read-only")) {
            await("shown", ManagementTest::isShown);
            ObjectName name = beans().iterator().next();
            MBeanInfo info = SERVER.getMBeanInfo(name);
            assertThat(info.getOperations()).isEmpty();
            assertThat(info.getNotifications()).isEmpty();
            assertThat(info.getAttributes()).hasSize(17).noneMatch(MBeanAttributeInfo::isWritable);
            for (MBeanAttributeInfo attribute : info.getAttributes()) {
                assertThat(SERVER.getAttribute(name, attribute.getName())).isNotNull();
            }
            assertThat(Arrays.stream(info.getAttributes()).map(MBeanAttributeInfo::getType))
                    .allMatch(type -> type.equals("long")
                            || type.equals("double")
                            || type.equals("javax.management.openmbean.TabularData"));
            assertThat(org.assertj.core.api.Assertions.catchThrowable(
                            () -> SERVER.setAttribute(name, new Attribute("Hits", 0L))))
                    .isInstanceOf(AttributeNotFoundException.class);
            assertThat(service.isClosed()).isFalse();
        }
    }
}
