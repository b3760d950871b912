package dev.kmsenvelope.aws;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KmsResponse;

/** Makes requests in the Region of the key that they are about, and turns failures into ours. Thread-safe. */
final class AwsCalls implements AutoCloseable {

    /** What the SDK says when there is none. */
    private static final String NO_REQUEST_ID = "UNKNOWN";

    private final AwsSettings settings;
    private final AwsClients clients;

    AwsCalls(AwsSettings settings) {
        this.settings = settings;
        this.clients = new AwsClients(settings);
    }

    AwsClients clients() {
        return clients;
    }

    Collection<String> grantTokens() {
        return settings.grantTokens();
    }

    AwsCall describe(AwsOperation operation, @Nullable KeyId key) {
        return new AwsCall(operation, key, settings.timeout());
    }

    /**
     * Makes a request, again if it fails in a way that may pass.
     *
     * @param key an alias, key id or ARN, which decides about the Region; null for the default one
     * @throws dev.kmsenvelope.kms.KmsException if it fails
     */
    <R> R call(AwsOperation operation, @Nullable KeyId key, Function<KmsClient, R> request) {
        return call(describe(operation, key), clients.of(region(key)), request);
    }

    /** The same for what must not be carried out twice. */
    <R> R callOnce(AwsOperation operation, @Nullable KeyId key, Function<KmsClient, R> request) {
        return call(describe(operation, key), clients.once(region(key)), request);
    }

    private static <R> R call(AwsCall call, KmsClient client, Function<KmsClient, R> request) {
        R reply;
        try {
            reply = request.apply(client);
        } catch (RuntimeException e) {
            throw AwsErrors.of(call, e);
        }
        if (reply instanceof KmsResponse answer && isEmpty(answer) && !isOfAws(answer)) {
            throw new KmsUnavailableException(call + ": what came back is no answer of AWS KMS");
        }
        return reply;
    }

    /** The SDK does not look at the body of a reply that has no members: a web page of a proxy would do. */
    private static boolean isEmpty(KmsResponse answer) {
        return answer.sdkFields().isEmpty();
    }

    private static boolean isOfAws(KmsResponse answer) {
        String request = answer.responseMetadata().requestId();
        return request != null && !request.equals(NO_REQUEST_ID);
    }

    private String region(@Nullable KeyId key) {
        return key == null ? clients.region() : KeyArn.regionOf(key).orElseGet(clients::region);
    }

    /**
     * Takes bytes out of a reply.
     *
     * @return a copy
     * @throws KmsUnavailableException if there are none, or not as many as there must be
     */
    byte[] take(AwsOperation operation, @Nullable KeyId key, @Nullable SdkBytes bytes, int min, int max) {
        byte[] array = bytes == null ? new byte[0] : bytes.asByteArrayUnsafe();
        if (bytes == null || array.length < min || array.length > max) {
            throw garbage(operation, key, array.length + " bytes where there must be " + min + " to " + max);
        }
        return array.clone();
    }

    /** The same for secret bytes, of which the SDK's own copy is wiped. */
    byte[] takeSecret(AwsOperation operation, @Nullable KeyId key, @Nullable SdkBytes bytes, int min, int max) {
        try {
            return take(operation, key, bytes, min, max);
        } finally {
            wipe(bytes);
        }
    }

    static void wipe(@Nullable SdkBytes bytes) {
        if (bytes != null) {
            Arrays.fill(bytes.asByteArrayUnsafe(), (byte) 0);
        }
    }

    /**
     * The key that a reply names.
     *
     * @throws KmsUnavailableException if it names none, or another one than was asked for by its id
     */
    KeyArn answeredKey(AwsOperation operation, KeyId asked, @Nullable String answered) {
        KeyArn arn = KeyArn.parse(answered)
                .orElseThrow(() -> garbage(operation, asked, "no key ARN where there must be one"));
        requireSame(operation, asked, arn);
        return arn;
    }

    /**
     * The same where nothing depends on what the reply names, so that a service may answer with the name it was asked by.
     *
     * @throws KmsUnavailableException if the reply names another key than was asked for by its id
     */
    void checkAnsweredKey(AwsOperation operation, KeyId asked, @Nullable String answered) {
        KeyArn.parse(answered).ifPresent(arn -> requireSame(operation, asked, arn));
    }

    private void requireSame(AwsOperation operation, KeyId asked, KeyArn answered) {
        boolean same = asked.isAlias()
                || KeyArn.parse(asked.value())
                        .map(answered::equals)
                        .orElseGet(() -> asked.value().equals(answered.key()));
        if (!same) {
            throw garbage(operation, asked, "another key than was asked for");
        }
    }

    KmsUnavailableException garbage(AwsOperation operation, @Nullable KeyId key, String found) {
        return new KmsUnavailableException(describe(operation, key) + ": the reply makes no sense: " + found);
    }

    /** The pages of a list, with a bound: a service that repeats itself must not keep us for ever. */
    <P, T> List<T> pages(
            AwsOperation operation,
            @Nullable KeyId key,
            Function<@Nullable String, P> request,
            Function<P, @Nullable Collection<T>> items,
            Function<P, @Nullable String> next) {
        Function<P, Collection<T>> present = page -> {
            Collection<T> found = items.apply(page);
            if (found == null) {
                throw garbage(operation, key, "no list where there must be one");
            }
            return found;
        };
        return AwsPages.all(request, present, next, () -> garbage(operation, key, "a list that does not end"));
    }

    @Override
    public void close() {
        clients.close();
    }
}
