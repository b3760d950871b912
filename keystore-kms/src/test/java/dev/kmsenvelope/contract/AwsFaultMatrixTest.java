package dev.kmsenvelope.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.contract.AwsOperations.Operation;
import dev.kmsenvelope.contract.AwsOperations.Trait;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsAuthenticationException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsLimitException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.testing.kms.Fault;
import dev.kmsenvelope.testing.kms.LoopbackKms;
import dev.kmsenvelope.testing.kms.RequestLog;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation of the AWS backend with every fault of the server: the exact exception, its cause, no text of the service
 * in it (RULES 20), and a bounded number of requests in a bounded time.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AwsFaultMatrixTest {

    private static final int RETRIES = 1;
    /** Far more than the impatient wait, for slow machines, but less than a slow answer takes. */
    private static final Duration ENOUGH = Duration.ofSeconds(25);

    private static final Set<Fault> BREAK_THE_EXCHANGE = EnumSet.of(
            Fault.UNAVAILABLE,
            Fault.SLOW,
            Fault.CUT_BEFORE_ANSWER,
            Fault.CUT_IN_ANSWER,
            Fault.GARBAGE,
            Fault.TRUNCATED_JSON);

    /** Most of the time is spent in waiting, before repetitions and for what does not come: so several wait at once. */
    private static final int LANES = 8;

    private AwsCredentialsProperties credentials;
    private final BlockingQueue<Lane> lanes = new ArrayBlockingQueue<>(LANES);

    /** A service and an administration with the same settings. */
    private record Pair(KeyService service, KeyAdministration administration) implements AutoCloseable {

        static Pair open(LoopbackKms server, String timeout, int retries) {
            var configuration = AwsLoopbackContractTest.configuration(
                    server, Map.of("aws.timeout", timeout, "aws.retries", Integer.toString(retries)));
            return new Pair(Backends.openService(configuration), Backends.openAdministration(configuration));
        }

        @Override
        public void close() {
            service.close();
            administration.close();
        }
    }

    /** A server with those who talk to it. */
    private record Lane(
            LoopbackKms server, Pair usual, Pair impatient, Pair withoutRetries, List<Operation> operations) {

        static Lane open() throws Exception {
            LoopbackKms server = new LoopbackKms();
            Pair usual = Pair.open(server, "60s", RETRIES);
            return new Lane(
                    server,
                    usual,
                    Pair.open(server, "400ms", RETRIES),
                    Pair.open(server, "60s", 0),
                    new AwsOperations(usual.service(), usual.administration()).all());
        }

        Pair pair(Fault fault) {
            return switch (fault) {
                case SLOW -> impatient;
                case THROTTLED -> withoutRetries;
                default -> usual;
            };
        }

        void close() {
            Stream.of(usual, impatient, withoutRetries).forEach(Pair::close);
            server.close();
        }
    }

    @BeforeAll
    void open() throws Exception {
        credentials = new AwsCredentialsProperties("matrix");
        for (int i = 0; i < LANES; i++) {
            lanes.add(Lane.open());
        }
    }

    @AfterAll
    void close() {
        lanes.forEach(Lane::close);
        credentials.close();
    }

    Stream<Arguments> matrix() {
        List<Operation> operations = lanes.element().operations();
        return IntStream.range(0, operations.size())
                .boxed()
                .flatMap(i -> Stream.of(Fault.values())
                        .map(fault -> Arguments.of(i, operations.get(i).toString(), fault)));
    }

    /** What an operation ends with; empty if the fault does not touch it. */
    private static Optional<Class<? extends RuntimeException>> expected(Operation operation, Fault fault) {
        boolean done = operation.is(Trait.NO_ANSWER); // The status says that it is done, and there is nothing to read.
        return Optional.ofNullable(
                switch (fault) {
                    case THROTTLED -> KmsThrottledException.class;
                    case LIMIT_EXCEEDED -> KmsLimitException.class;
                    case INTERNAL_ERROR, KEY_UNAVAILABLE, DEPENDENCY_TIMEOUT -> KmsUnavailableException.class;
                    case DENIED -> operation.is(Trait.MAY_BE_DENIED) ? null : KeyAccessDeniedException.class;
                    case EXPIRED_CREDENTIALS, UNKNOWN_CREDENTIALS, BAD_SIGNATURE -> KmsAuthenticationException.class;
                    case NOT_FOUND -> KeyNotFoundException.class;
                    case DISABLED, INVALID_STATE -> KeyDisabledException.class;
                    case INVALID_KEY_USAGE, UNSUPPORTED ->
                        operation.is(Trait.TELLS_KINDS) ? null : InvalidKeyUsageException.class;
                    case INVALID_GRANT_TOKEN, UNHEARD_OF -> KmsConfigurationException.class;
                    case VALIDATION ->
                        operation.is(Trait.VALIDATES_ARGUMENT)
                                ? IllegalArgumentException.class
                                : KmsConfigurationException.class;
                    case UNAVAILABLE, SLOW, CUT_BEFORE_ANSWER, GARBAGE -> KmsUnavailableException.class;
                    case CUT_IN_ANSWER, TRUNCATED_JSON -> done ? null : KmsUnavailableException.class;
                    case EMPTY, MISSING_MEMBERS ->
                        done || operation.is(Trait.UNUSED_ANSWER) ? null : KmsUnavailableException.class;
                    case WRONG_KEY -> {
                        Class<? extends KmsException> other = operation.is(Trait.DECRYPTS)
                                ? InvalidCiphertextException.class
                                : KmsUnavailableException.class;
                        yield operation.is(Trait.NAMES_KEY) ? other : null;
                    }
                    case WRONG_LENGTH -> operation.is(Trait.KNOWN_LENGTH) ? KmsUnavailableException.class : null;
                });
    }

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest(name = "{1}: {2}")
    @MethodSource("matrix")
    void eachFaultHasItsException(int operation, String name, Fault fault) throws Exception {
        Lane lane = lanes.take();
        try {
            check(lane, lane.operations().get(operation), fault);
        } finally {
            lane.server().faults().clear();
            lane.server().log().clear();
            lanes.add(lane);
        }
    }

    private static void check(Lane lane, Operation operation, Fault fault) {
        LoopbackKms server = lane.server();
        Pair pair = lane.pair(fault);
        server.faults().inject(operation.api(), fault);
        long start = System.nanoTime();
        Throwable thrown = catchThrowable(() -> operation
                .call()
                .run(pair.service(), pair.administration(), lane.usual().administration()));
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        server.faults().clear();

        Optional<Class<? extends RuntimeException>> expected = expected(operation, fault);
        if (expected.isEmpty()) {
            assertThat(thrown).isNull();
            return;
        }
        assertThat(thrown).isExactlyInstanceOf(expected.get());
        checkText(server.log(), operation, fault, thrown);
        if (fault == Fault.SLOW) {
            assertThat(took).isLessThan(ENOUGH);
        }
        int attempts = server.log().count(operation.api());
        assertThat(attempts).isBetween(1, RETRIES + 1);
        if (operation.is(Trait.ONCE) || (fault.isError() && !isTransient(fault))) {
            assertThat(attempts).as("it is not repeated").isEqualTo(1);
        }
    }

    private static boolean isTransient(Fault fault) {
        return switch (fault) {
            case INTERNAL_ERROR, KEY_UNAVAILABLE, DEPENDENCY_TIMEOUT -> true;
            default -> false;
        };
    }

    private static void checkText(RequestLog log, Operation operation, Fault fault, Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString())
                .doesNotContain(Fault.TEXT, "<html>", "not-checked-by-test-servers")
                .doesNotContain(Base64.getEncoder().encodeToString(Contract.TEXT))
                .doesNotContain("CiphertextBlob");
        assertThat(thrown.getMessage()).contains(operation.api());
        List<RequestLog.Request> requests = log.all().stream()
                .filter(request -> request.operation().equals(operation.api()))
                .toList();
        if (operation.is(Trait.ABOUT_KEY)) {
            assertThat(requests).isNotEmpty();
            assertThat(thrown.getMessage()).contains(":key/");
        }
        if (fault.isError()) {
            assertThat(thrown.getMessage())
                    .contains(requests.get(requests.size() - 1).requestId());
        }
        if (fault.isError() || (BREAK_THE_EXCHANGE.contains(fault) && !operation.is(Trait.NO_ANSWER))) {

            assertThat(thrown).hasCauseInstanceOf(Throwable.class);
        }
        if (fault == Fault.DENIED) {
            assertThat(thrown.getMessage()).contains("kms:" + operation.api());
        }
    }
}
