package dev.kmsenvelope.metering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.AccessCheck;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeyServiceClosedException;
import dev.kmsenvelope.kms.KmsAuthenticationException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsLimitException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.telemetry.KmsCallKind;
import dev.kmsenvelope.telemetry.KmsCallStatistics;
import dev.kmsenvelope.telemetry.KmsOperation;
import dev.kmsenvelope.telemetry.KmsOutcome;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls of key services are passed on unchanged, counted once, and end when the service is closed. */
class MeasuredKeyServiceTest {

    private static final KeyId KEY = KeyId.of("k");
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "acme"));

    private final KmsCalls calls = new KmsCalls();
    private final InMemoryKeyService real = new InMemoryKeyService().withKey("k");

    private KeyService measured(KeyService service) {
        return MeasuredKeyService.of(service, "test", calls);
    }

    private KmsCallStatistics of(KmsOperation operation) {
        return calls.byKind().get(new KmsCallKind("test", operation));
    }

    @Test
    void everyOperationIsPassedOn() {
        List<String> passedOn = Arrays.stream(MeasuredKeyService.class.getDeclaredMethods())
                .map(MeasuredKeyServiceTest::signature)
                .toList();
        for (Method method : KeyService.class.getMethods()) {
            if (!Modifier.isStatic(method.getModifiers())) {
                assertThat(passedOn).contains(signature(method));
            }
        }
    }

    private static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }

    /** Arguments, result and the number of calls of each operation, whatever the port has. */
    @Test
    void eachPassesItsArgumentsAndItsResult() throws Exception {
        for (Method method : KeyService.class.getMethods()) {
            if (method.getName().equals("capability") || method.getName().equals("close")) {
                continue;
            }
            List<Object> seen = new ArrayList<>();
            Object[] arguments = arguments(method);
            Object result = value(method.getReturnType());
            KeyService service = proxy((proxied, called, given) -> {
                if (called.equals(method)) {
                    seen.addAll(given == null ? List.of() : Arrays.asList(given));
                    return result;
                }
                return called.getReturnType() == boolean.class ? (Object) true : null;
            });
            assertThat(method.invoke(measured(service), arguments))
                    .as("%s", method)
                    .isEqualTo(result);
            assertThat(seen).as("%s", method).containsExactly(arguments);
        }
    }

    private static Object[] arguments(Method method) {
        return Arrays.stream(method.getParameterTypes())
                .map(MeasuredKeyServiceTest::value)
                .toArray();
    }

    private static Object value(Class<?> type) {
        if (type == KeyId.class) {
            return KeyId.of("k" + System.nanoTime());
        } else if (type == EncryptionContext.class) {
            return EncryptionContext.of(Map.of("n", "v" + System.nanoTime()));
        } else if (type == byte[].class) {
            return new byte[] {1, 2, 3};
        } else if (type == int.class) {
            return 16;
        } else if (type == boolean.class) {
            return true;
        } else if (type == Optional.class) {
            return Optional.empty();
        } else if (type == String.class) {
            return "name";
        }
        return null;
    }

    private static KeyService proxy(java.lang.reflect.InvocationHandler handler) {
        return (KeyService)
                Proxy.newProxyInstance(KeyService.class.getClassLoader(), new Class<?>[] {KeyService.class}, handler);
    }

    @Test
    void requestsAreCountedAndLookUpsAreNot() {
        KeyService service = measured(real);
        var pair = service.generateDataKey(KEY, 32, CONTEXT);
        service.decrypt(KEY, pair.encrypted(), CONTEXT);
        service.decrypt(KEY, pair.encrypted(), CONTEXT);
        service.encrypt(KEY, new byte[1], CONTEXT);
        service.reEncrypt(KEY, pair.encrypted(), CONTEXT, KEY, CONTEXT);
        service.describe(KEY);
        service.list();
        service.versionOf(KEY, pair.encrypted(), CONTEXT);
        service.keyOf(pair.encrypted());
        service.fromBlob(KEY, service.toBlob(pair.encrypted()));
        service.decryptionKeys(KEY);
        assertThat(calls.total().calls()).isEqualTo(8);
        assertThat(calls.total().failed()).isZero();
        assertThat(of(KmsOperation.DECRYPT).calls()).isEqualTo(2);
        assertThat(of(KmsOperation.RESOLVE_KEY)).isNull();
        assertThat(of(KmsOperation.DECRYPT).max()).isPositive();
        assertThat(of(KmsOperation.DECRYPT).total())
                .isGreaterThanOrEqualTo(of(KmsOperation.DECRYPT).max());
        assertThat(of(KmsOperation.DECRYPT).percentile99())
                .isLessThanOrEqualTo(of(KmsOperation.DECRYPT).max());
    }

    static Stream<Map.Entry<RuntimeException, KmsOutcome>> failures() {
        return Stream.of(
                Map.entry(new KeyAccessDeniedException("x"), KmsOutcome.DENIED),
                Map.entry(new KmsAuthenticationException("x"), KmsOutcome.UNAUTHENTICATED),
                Map.entry(new KeyDisabledException("x"), KmsOutcome.DISABLED),
                Map.entry(new KeyNotFoundException("x"), KmsOutcome.NOT_FOUND),
                Map.entry(new InvalidKeyUsageException("x"), KmsOutcome.WRONG_USAGE),
                Map.entry(new KmsThrottledException("x"), KmsOutcome.THROTTLED),
                Map.entry(new KmsUnavailableException("x"), KmsOutcome.UNAVAILABLE),
                Map.entry(new InvalidCiphertextException("x"), KmsOutcome.INVALID_CIPHERTEXT),
                Map.entry(new KmsLimitException("x"), KmsOutcome.LIMIT),
                Map.entry(new KmsConfigurationException("x"), KmsOutcome.CONFIGURATION),
                Map.entry(
                        new KmsException("x", null) {
                            private static final long serialVersionUID = 1L;
                        },
                        KmsOutcome.OTHER),
                Map.entry(new IllegalStateException("x"), KmsOutcome.OTHER),
                Map.entry(new IllegalArgumentException("x"), KmsOutcome.OTHER));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailureIsCountedByItsKindAndPassedOnAsItIs(Map.Entry<RuntimeException, KmsOutcome> failure) {
        KeyService service = measured(real);
        real.failWith(failure::getKey);
        assertThatThrownBy(() -> service.generateDataKey(KEY, 32, CONTEXT)).isSameAs(failure.getKey());
        assertThatThrownBy(() -> service.decryptionKeys(KEY))
                .as("a failing look-up counts")
                .isSameAs(failure.getKey());
        assertThat(of(KmsOperation.GENERATE_DATA_KEY).failures()).containsExactly(Map.entry(failure.getValue(), 1L));
        assertThat(calls.total().failures()).containsExactly(Map.entry(failure.getValue(), 2L));
        assertThat(calls.total().calls()).isEqualTo(2);
    }

    @Test
    void anErrorIsCountedToo() {
        KeyService service = measured(proxy((proxied, called, given) -> {
            if (called.getName().equals("list")) {
                throw new StackOverflowError();
            }
            return null;
        }));
        assertThatThrownBy(service::list).isInstanceOf(StackOverflowError.class);
        assertThat(calls.total().failures()).containsExactly(Map.entry(KmsOutcome.OTHER, 1L));
    }

    /** A lambda in place of an interface would drop methods that the interface gets later. */
    @Test
    void everyCapabilityHasOneMethodAndIsMeasured() throws Exception {
        assertThat(MeasuredCapabilities.KNOWN.keySet())
                .extracting(Class::getSimpleName)
                .containsExactlyInAnyOrder(
                        "PublicKeyService",
                        "RsaDecryptionService",
                        "SigningService",
                        "MacService",
                        "KeyAgreementService",
                        "KeyPairService",
                        "RandomService",
                        "AccessCheck");
        long expected = 0;
        for (Class<?> type : MeasuredCapabilities.KNOWN.keySet()) {
            List<Method> methods = Arrays.stream(type.getMethods())
                    .filter(method -> !Modifier.isStatic(method.getModifiers()))
                    .toList();
            assertThat(methods).as("%s", type).hasSize(1);
            expected++;
            callMeasured(type, methods.get(0));
            assertThat(calls.total().calls()).as("%s", type).isEqualTo(expected);
        }
        assertThat(calls.byKind()).as("each under a name of its own").hasSize((int) expected);
    }

    private <T> void callMeasured(Class<T> type, Method method) throws Exception {
        List<Object> seen = new ArrayList<>();
        T capability = type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxied, called, given) -> {
                    seen.addAll(Arrays.asList(given));
                    return null;
                }));
        KeyService service = measured(proxy((proxied, called, given) -> Optional.of(capability)));
        Object[] arguments = Arrays.stream(method.getParameterTypes())
                .map(parameter -> parameter == KeyDescription.class ? real.describe(KEY) : value(parameter))
                .toArray();
        method.invoke(service.capability(type).orElseThrow(), arguments);
        assertThat(seen).containsExactly(arguments);
        service.close();
        assertThatThrownBy(() -> method.invoke(service.capability(type).orElseThrow(), arguments))
                .isInstanceOf(InvocationTargetException.class)
                .hasCauseInstanceOf(KeyServiceClosedException.class);
    }

    @Test
    void whatAServiceCannotDoItCannotDoMeasuredAndForeignTypesAreLeftAlone() {
        KeyService service = measured(real);
        assertThat(service.capability(AccessCheck.class)).isEmpty();
        assertThat(service.capability(InMemoryKeyService.class)).containsSame(real);
    }

    @Test
    void aServiceIsMeasuredOnceAndEqualToItselfOnly() {
        MeasuredKeyService service = MeasuredKeyService.of(real, "test", calls);
        assertThat(MeasuredKeyService.of(service, "other")).isSameAs(service);
        assertThat(MeasuredKeyService.of(real, "test", calls)).isNotEqualTo(service);
        assertThat(service.name()).isEqualTo("in-memory");
    }

    @Test
    void afterClosingNothingIsLetThrough() {
        MeasuredKeyService service = MeasuredKeyService.of(real, "test", calls);
        service.close();
        service.close();
        assertThat(service.isClosed()).isTrue();
        assertThatThrownBy(() -> service.generateDataKey(KEY, 32, CONTEXT))
                .isInstanceOf(KeyServiceClosedException.class)
                .hasMessageContaining("test");
        assertThat(real.generated).hasValue(0);
        assertThat(calls.total().calls()).isZero();
    }

    @Test
    void aCallThatFailsBecauseTheServiceIsClosedUnderItSaysSo() {
        List<MeasuredKeyService> self = new ArrayList<>();
        self.add(MeasuredKeyService.of(
                proxy((proxied, called, given) -> {
                    if (called.getName().equals("list")) {
                        self.get(0).close();
                        throw new IllegalStateException("connection pool shut down");
                    }
                    return null;
                }),
                "test",
                calls));
        assertThatThrownBy(self.get(0)::list)
                .isInstanceOf(KeyServiceClosedException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void manyThreadsAtOnceLoseNoCall() throws Exception {
        KeyService service = measured(real);
        int threads = 8;
        int each = 500;
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                done.add(executor.submit(() -> {
                    start.await();
                    for (int j = 0; j < each; j++) {
                        service.describe(KEY);
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> one : done) {
                one.get();
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(of(KmsOperation.DESCRIBE_KEY).calls()).isEqualTo((long) threads * each);
    }

    @Test
    void aProgramThatMakesEverMoreServicesDoesNotFillTheMemory() {
        for (int i = 0; i < 500; i++) {
            calls.add("service-" + i, KmsOperation.ENCRYPT, KmsOutcome.SUCCESS, 1);
        }
        assertThat(calls.byKind()).hasSizeLessThan(100);
        assertThat(calls.total().calls()).isEqualTo(500);
        assertThat(calls.byKind()).containsKey(new KmsCallKind(KmsCalls.FURTHER_SERVICES, KmsOperation.ENCRYPT));
    }
}
