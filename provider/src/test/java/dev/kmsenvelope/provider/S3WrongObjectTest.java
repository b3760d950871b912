package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.provider.S3Objects.Stored;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects of the Amazon S3 Encryption Client that somebody changed, and services that fail. */
class S3WrongObjectTest {

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("master").withKey("other");
    private final KmsSecretKey handle =
            Ciphers.handle(service, "master", "s3.legacy", "true", S3Objects.POLICY, S3Objects.READS_ALL);

    private Stored object(int version) throws Exception {
        KmsSecretKey key = Ciphers.handle(service, "master", S3Objects.POLICY, S3Objects.policy(version));
        return S3Objects.encrypt(key, Ciphers.random(40), Ciphers.context("tenant", "a"));
    }

    private static Reason refusal(Cipher cipher, byte[] body) {
        Throwable bad = catchThrowable(() -> cipher.doFinal(body));
        assertThat(bad)
                .isExactlyInstanceOf(AEADBadTagException.class)
                .hasCauseInstanceOf(InvalidMessageException.class);
        byte[] out = new byte[1000];
        assertThat(catchThrowable(() -> cipher.doFinal(body, 0, body.length, out, 0)))
                .isExactlyInstanceOf(AEADBadTagException.class);
        assertThat(out).containsOnly(0);
        return ((InvalidMessageException) bad.getCause()).reason();
    }

    private Reason refusal(Stored object) throws Exception {
        return refusal(S3Objects.decrypting(handle, object), object.body());
    }

    @ParameterizedTest
    @DisplayName("A body that is cut, longer, or changed in any bit is refused, and nothing is released")
    @ValueSource(ints = {2, 3})
    void body(int version) throws Exception {
        Stored object = object(version);
        Cipher cipher = S3Objects.decrypting(handle, object);
        byte[] body = object.body();
        for (int length = 0; length < body.length; length++) {
            assertThat(refusal(cipher, Arrays.copyOf(body, length)))
                    .isEqualTo(length < 16 ? Reason.TRUNCATED : Reason.NOT_AUTHENTIC);
        }
        for (int bit = 0; bit < 8 * body.length; bit++) {
            byte[] changed = body.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(refusal(cipher, changed)).isEqualTo(Reason.NOT_AUTHENTIC);
            assertThat(cipher.update(changed)).isNull();
            assertThat(catchThrowable(cipher::doFinal)).isExactlyInstanceOf(AEADBadTagException.class);
        }
        assertThat(refusal(cipher, Arrays.copyOf(body, body.length + 1))).isEqualTo(Reason.NOT_AUTHENTIC);
        assertThat(cipher.doFinal(body)).isEqualTo(Ciphers.random(40));
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @ParameterizedTest
    @DisplayName("Metadata with any pair missing, or any character of a value changed, is refused")
    @ValueSource(ints = {2, 3})
    void metadata(int version) throws Exception {
        Stored object = object(version);
        for (Map.Entry<String, String> pair : object.metadata().entrySet()) {
            String name = pair.getKey();
            String value = pair.getValue();
            if (!name.equals("x-amz-tag-len")) {
                assertThat(refusal(object.with(name, null)))
                        .as("without %s", name)
                        .isNotNull();
            }
            assertThat(refusal(object.with(name, ""))).as("empty %s", name).isNotNull();
            assertThat(refusal(object.with(name, value + "A")))
                    .as("longer %s", name)
                    .isNotNull();
            for (int i = 0; i < value.length(); i++) {
                for (char other : new char[] {(char) (value.charAt(i) ^ 1), '=', ' ', 'z'}) {
                    if (other != value.charAt(i)) {
                        String changed = value.substring(0, i) + other + value.substring(i + 1);
                        assertThat(refusal(object.with(name, changed)))
                                .as("%s = %s", name, changed)
                                .isNotNull();
                    }
                }
            }
        }
        assertThat(S3Objects.decrypt(handle, object)).isEqualTo(Ciphers.random(40));
    }

    @ParameterizedTest
    @DisplayName("A name that is there twice, with two values, makes a bad object and not a bad call")
    @ValueSource(ints = {2, 3})
    void twice(int version) throws Exception {
        Stored object = object(version);
        for (Map.Entry<String, String> pair : object.metadata().entrySet()) {
            String again = "X-Amz-Meta-" + pair.getKey();
            assertThat(refusal(object.with(again, pair.getValue() + "A"))).isEqualTo(Reason.MALFORMED);
            assertThat(S3Objects.decrypt(handle, object.with(again, pair.getValue())))
                    .isEqualTo(Ciphers.random(40));
        }
    }

    @Test
    @DisplayName("Metadata that is another object's is refused, pair by pair and as a whole")
    void swapped() throws Exception {
        for (int version : new int[] {2, 3}) {
            Stored one = object(version);
            Stored other = object(version);
            other.metadata().forEach((name, value) -> {
                if (!value.equals(one.metadata().get(name))) {
                    assertThat(catchThrowable(() -> S3Objects.decrypt(handle, one.with(name, value))))
                            .as(name)
                            .isExactlyInstanceOf(AEADBadTagException.class);
                }
            });
            assertThat(refusal(one.withBody(other.body()))).isEqualTo(Reason.NOT_AUTHENTIC);
        }
    }

    @Test
    @DisplayName("RULES 8: no downgrade: mixed versions, another algorithm, another tag or IV length")
    void downgrades() throws Exception {
        Stored v2 = object(2);
        Stored v3 = object(3);
        for (var pair : v2.metadata().entrySet()) {
            assertThat(refusal(v3.with(pair.getKey(), pair.getValue()))).isEqualTo(Reason.MALFORMED);
        }
        for (var pair : v3.metadata().entrySet()) {
            assertThat(refusal(v2.with(pair.getKey(), pair.getValue()))).isEqualTo(Reason.MALFORMED);
        }
        String key = v3.metadata().get("x-amz-3");
        Map<String, String> asVersion2 = new TreeMap<>(v2.metadata());
        asVersion2.put("x-amz-key-v2", key);
        assertThat(refusal(new Stored(v3.body(), asVersion2))).isEqualTo(Reason.NOT_AUTHENTIC);
        asVersion2.put("x-amz-matdesc", v3.metadata().get("x-amz-t"));
        assertThat(refusal(new Stored(v3.body(), asVersion2))).isEqualTo(Reason.NOT_ALLOWED);
        asVersion2.put("x-amz-wrap-alg", "kms");
        for (Stored source : List.of(v2, v3)) {
            asVersion2.put(
                    "x-amz-matdesc",
                    source.metadata().getOrDefault("x-amz-t", source.metadata().get("x-amz-matdesc")));
            assertThat(refusal(new Stored(v3.body(), asVersion2))).isEqualTo(Reason.NOT_ALLOWED);
        }
        asVersion2.put("x-amz-matdesc", "{}");
        assertThat(refusal(new Stored(v3.body(), asVersion2))).isEqualTo(Reason.NOT_AUTHENTIC);

        assertThat(refusal(v3.with("x-amz-c", "114"))).isEqualTo(Reason.NOT_ALLOWED);
        assertThat(refusal(v3.with("x-amz-c", "AES/GCM/NoPadding"))).isEqualTo(Reason.NOT_ALLOWED);
        assertThat(refusal(v2.with("x-amz-cek-alg", "115"))).isEqualTo(Reason.NOT_ALLOWED);
        assertThat(refusal(v2.with("x-amz-cek-alg", "AES/CTR/NoPadding"))).isEqualTo(Reason.NOT_ALLOWED);
        assertThat(refusal(v2.with("x-amz-tag-len", "96"))).isEqualTo(Reason.NOT_ALLOWED);
        assertThat(refusal(v2.with("x-amz-tag-len", "0128"))).isEqualTo(Reason.NOT_ALLOWED);
        for (String wrap : List.of("RSA", "AES", "AESWrap", "RSA/ECB/PKCS1Padding", "12")) {
            assertThat(refusal(v2.with("x-amz-wrap-alg", wrap))).isEqualTo(Reason.NOT_ALLOWED);
        }
        for (String wrap : List.of("kms", "kms+context", "0", "11")) {
            assertThat(refusal(v3.with("x-amz-w", wrap))).isEqualTo(Reason.NOT_ALLOWED);
        }
        assertThat(refusal(v3.with("x-amz-w", "02").with("x-amz-t", null))).isEqualTo(Reason.WRONG_KEY);
        for (int length : new int[] {0, 11, 13, 16}) {
            String iv = Base64.getEncoder().encodeToString(new byte[length]);
            assertThat(refusal(v2.with("x-amz-iv", iv))).isEqualTo(Reason.MALFORMED);
        }
        for (int length : new int[] {0, 27, 29, 32}) {
            String bytes = Base64.getEncoder().encodeToString(new byte[length]);
            assertThat(refusal(v3.with("x-amz-i", bytes))).isEqualTo(Reason.MALFORMED);
            assertThat(refusal(v3.with("x-amz-d", bytes))).isEqualTo(Reason.MALFORMED);
        }
        assertThat(refusal(v3.with("x-amz-d", Base64.getEncoder().encodeToString(new byte[28]))))
                .isEqualTo(Reason.NOT_AUTHENTIC);
        assertThat(refusal(v3.with("x-amz-m", "{}"))).isEqualTo(Reason.MALFORMED);
    }

    @Test
    @DisplayName("RULES 12: version 1's data keys are refused whatever is set")
    void version1() throws Exception {
        Stored v1 = new Stored(new byte[32], Map.of("x-amz-key", "AAAA", "x-amz-iv", "AAAA", "x-amz-matdesc", "{}"));
        assertThat(refusal(v1)).isEqualTo(Reason.NOT_ALLOWED);
        assertThat(refusal(v1.with("x-amz-key-v2", "AAAA"))).isEqualTo(Reason.MALFORMED);
        assertThat(refusal(new Stored(new byte[32], Map.of()))).isEqualTo(Reason.MALFORMED);
    }

    @Test
    @DisplayName("RULES 8: legacy objects open by the setting only; what of them is not authenticated is still checked")
    void legacy() throws Exception {
        for (int size : new int[] {0, 1, 15, 16, 17, 100_000}) {
            Stored object = S3Objects.legacy(service, Ciphers.random(size));
            assertThat(S3Objects.decrypt(handle, object)).isEqualTo(Ciphers.random(size));
            Cipher cipher = S3Objects.decrypting(handle, object);
            byte[] out = new byte[object.body().length];
            assertThat(cipher.doFinal(object.body(), 0, object.body().length, out, 0))
                    .isEqualTo(size);
            assertThat(cipher.update(object.body(), 0, 16)).isNull();
            assertThat(cipher.doFinal(object.body(), 16, object.body().length - 16))
                    .isEqualTo(Ciphers.random(size));
        }
        Stored object = S3Objects.legacy(service, Ciphers.random(40));
        for (int length : new int[] {0, 1, 15, 17, 47}) {
            assertThat(refusal(object.withBody(Arrays.copyOf(object.body(), length))))
                    .isEqualTo(Reason.TRUNCATED);
        }
        assertThat(refusal(object.with("x-amz-tag-len", "128"))).isEqualTo(Reason.NOT_ALLOWED);
        assertThat(refusal(object.with("x-amz-wrap-alg", "kms+context"))).isEqualTo(Reason.NOT_ALLOWED);
        assertThat(refusal(object.with("x-amz-matdesc", "{}"))).isEqualTo(Reason.NOT_AUTHENTIC);
        assertThat(refusal(object.with("x-amz-iv", null))).isEqualTo(Reason.MALFORMED);
        assertThat(refusal(object.with("x-amz-iv", "AAAAAAAAAAAAAAAA"))).isEqualTo(Reason.MALFORMED);
        KmsSecretKey strict = Ciphers.handle(service, "master");
        int before = service.decrypted.get();
        assertThat(refusal(S3Objects.decrypting(strict, object), object.body())).isEqualTo(Reason.NOT_ALLOWED);
        assertThat(service.decrypted).hasValue(before);
        Stored relabelled = object(2)
                .with("x-amz-tag-len", null)
                .with("x-amz-cek-alg", "AES/CBC/PKCS5Padding")
                .with("x-amz-iv", Base64.getEncoder().encodeToString(new byte[16]));
        assertThat(refusal(relabelled)).isEqualTo(Reason.NOT_ALLOWED);
        assertThat(refusal(relabelled.with("x-amz-wrap-alg", "kms"))).isEqualTo(Reason.NOT_ALLOWED);
    }

    @Test
    @DisplayName("RULES 3: the context that is configured or asked for, before the service is asked")
    void context() throws Exception {
        Stored object = object(3);
        int before = service.decrypted.get();
        KmsSecretKey configured = Ciphers.handle(service, "master", "key.master.context.tenant", "b");
        assertThat(refusal(S3Objects.decrypting(configured, object), object.body()))
                .isEqualTo(Reason.WRONG_CONTEXT);
        for (var wrong : List.of(Map.of("tenant", "b"), Map.of("x", "y"), Map.of("aws:x-amz-cek-alg", "114"))) {
            Cipher cipher = Ciphers.ours(S3Objects.TRANSFORMATION, Cipher.DECRYPT_MODE, handle, spec(object, wrong));
            assertThat(refusal(cipher, object.body())).isEqualTo(Reason.WRONG_CONTEXT);
        }
        assertThat(service.decrypted).hasValue(before);
        assertThat(Ciphers.ours(
                                S3Objects.TRANSFORMATION,
                                Cipher.DECRYPT_MODE,
                                handle,
                                spec(object, Map.of("tenant", "a")))
                        .doFinal(object.body()))
                .hasSize(40);
    }

    private static EnvelopeParameterSpec spec(Stored object, Map<String, String> context) {
        return EnvelopeParameterSpec.builder()
                .context(context)
                .s3Metadata(S3EncryptionMetadata.of(object.metadata()))
                .build();
    }

    @Test
    @DisplayName("Another key, and messages of another format")
    void otherKeyAndFormat() throws Exception {
        Stored object = object(3);
        KmsSecretKey other = Ciphers.handle(service, "other");
        assertThat(refusal(S3Objects.decrypting(other, object), object.body())).isEqualTo(Reason.WRONG_KEY);
        KmsSecretKey both = Ciphers.handle(service, "other", "key.other.decrypt-keys", "master");
        assertThat(S3Objects.decrypt(both, object)).hasSize(40);
        byte[] message = Ciphers.encrypt(handle, new byte[40]);
        assertThat(refusal(object.withBody(message))).isEqualTo(Reason.NOT_AUTHENTIC);
        assertThat(catchThrowable(() -> Ciphers.decrypt(handle, object.body())))
                .isExactlyInstanceOf(AEADBadTagException.class);
    }

    @Test
    @DisplayName("RULES 19: trouble with the service is what the service threw, in init, update and doFinal")
    void service() throws Exception {
        Stored object = object(2);
        KmsSecretKey uncached = Ciphers.uncachedHandle(service, "master", S3Objects.POLICY, S3Objects.READS_ALL);
        Cipher cipher = S3Objects.decrypting(uncached, object);
        for (RuntimeException failure : List.of(new KmsUnavailableException("m"), new KeyAccessDeniedException("m"))) {
            service.failWith(() -> failure);
            assertThat(catchThrowable(() -> S3Objects.encrypt(uncached, new byte[1])))
                    .isSameAs(failure);
            assertThat(catchThrowable(() -> cipher.doFinal(object.body()))).isSameAs(failure);
            assertThat(catchThrowable(() -> cipher.update(object.body()))).isSameAs(failure);
            assertThat(catchThrowable(cipher::doFinal)).isSameAs(failure);
            service.failWith(() -> null);
            assertThat(cipher.doFinal(object.body())).hasSize(40);
        }
    }
}
