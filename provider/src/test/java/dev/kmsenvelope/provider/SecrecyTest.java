package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.crypto.Hkdf;
import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.KeyServices;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Nothing secret in texts (RULES 20), and none of our objects holds keys or plaintext longer than needed (RULES 16). */
class SecrecyTest {

    private static final byte[] PLAINTEXT = "planted-plaintext ".repeat(20).getBytes(StandardCharsets.US_ASCII);
    private static final byte[] AAD = "planted-aad".getBytes(StandardCharsets.US_ASCII);

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("master").withKey("other");
    private byte[] dataKey;
    private final KeyService watched = KeyServices.withResults(service, result -> {
        if (result instanceof DataKeyPair pair) {
            dataKey = pair.plaintext().copy();
        }
        return result;
    });
    private final KmsSecretKey handle = Ciphers.uncachedHandle(
            watched, "master", "key.master.context.tenant", "planted-context", "frame-length", "64");

    private byte[] message() throws Exception {
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle);
        cipher.updateAAD(AAD);
        return cipher.doFinal(PLAINTEXT);
    }

    @Test
    @DisplayName("RULES 20: no text of an exception has a context value, AAD, plaintext or message id in it")
    void texts() throws Exception {
        byte[] message = message();
        byte[] id = Arrays.copyOfRange(message, 3, 35);
        List<Throwable> thrown = new ArrayList<>();
        for (int at = 0; at < message.length; at += 3) {
            byte[] changed = Ciphers.flipped(message, at);
            byte[] cut = Arrays.copyOf(message, at);
            for (byte[] bad : new byte[][] {changed, cut}) {
                Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle);
                cipher.updateAAD(AAD);
                thrown.add(catchThrowable(() -> cipher.doFinal(bad)));
                thrown.add(catchThrowable(() ->
                        Ciphers.ours(Ciphers.GCM, Cipher.UNWRAP_MODE, handle).unwrap(bad, "AES", Cipher.SECRET_KEY)));
            }
        }
        thrown.add(catchThrowable(() -> Ciphers.decrypt(handle, message)));
        thrown.add(catchThrowable(() -> Ciphers.decrypt(Ciphers.handle(service, "other"), message)));
        for (String value : new String[] {"planted-context2", "planted-other"}) {
            thrown.add(catchThrowable(
                    () -> Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle, Ciphers.context("tenant", value))));
            KmsSecretKey tenant = Ciphers.handle(service, "master", "key.master.context.tenant", value);
            thrown.add(catchThrowable(() -> Ciphers.decrypt(tenant, message)));
        }
        service.failWith(() -> new KmsUnavailableException("down"));
        thrown.add(catchThrowable(() -> Ciphers.decrypt(handle, message)));
        thrown.add(catchThrowable(() -> Ciphers.encrypt(handle, PLAINTEXT)));

        String[] secrets = {
            "planted", HexFormat.of().formatHex(id), Base64.getEncoder().encodeToString(id), Arrays.toString(id)
        };
        assertThat(thrown).doesNotContainNull();
        for (Throwable top : thrown) {
            for (Throwable e = top; e != null; e = e.getCause()) {
                assertThat(e.toString()).doesNotContain(secrets).doesNotContainIgnoringCase(secrets[1]);
            }
        }
        assertThat(handle.toString() + handle.policy().context()).doesNotContain("planted");
    }

    @Test
    @DisplayName(
            "RULES 16: every data key that the service handed out is wiped after init and doFinal, also on failure")
    void dataKeysAreWiped() throws Exception {
        Cipher encrypting = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle);
        assertWiped(1);
        byte[] message = encrypting.doFinal(PLAINTEXT);
        Cipher decrypting = Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle);
        decrypting.update(message, 0, message.length - 1);
        assertWiped(2);
        decrypting.doFinal(message, message.length - 1, 1);
        assertWiped(2);
        int count = 2;
        for (int at = message.length - 1; at > 0; at -= 10) {
            byte[] changed = Ciphers.flipped(message, at);
            assertThat(catchThrowable(() -> decrypting.doFinal(changed))).isInstanceOf(AEADBadTagException.class);
            assertThat(service.handedOut.size()).isGreaterThanOrEqualTo(count);
            count = service.handedOut.size();
            assertWiped(count);
        }
        byte[] wrapped = Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle)
                .wrap(new javax.crypto.spec.SecretKeySpec(new byte[16], "AES"));
        Cipher unwrapping = Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, handle);
        unwrapping.unwrap(wrapped, "AES", Cipher.SECRET_KEY);
        assertThat(catchThrowable(() -> unwrapping.unwrap(wrapped, "RSA", Cipher.PRIVATE_KEY)))
                .isInstanceOf(InvalidKeyException.class);
        assertThat(catchThrowable(() -> unwrapping.unwrap(wrapped, "nonsense", Cipher.PRIVATE_KEY)))
                .isInstanceOf(NoSuchAlgorithmException.class);
        assertWiped(count + 3);
    }

    private void assertWiped(int count) {
        assertThat(service.handedOut).hasSize(count).allMatch(SecretBytes::isDestroyed);
    }

    private static KmsCipherSpi spi(Release release) {
        return new KmsCipherSpi(new EnvelopeKind(new EsdkCodec(RandomSource.operatingSystem()), release), null);
    }

    private byte[] messageKey(byte[] message) {
        byte[] info = {4, 0x78, 'D', 'E', 'R', 'I', 'V', 'E', 'K', 'E', 'Y'};
        byte[] prk = Hkdf.SHA512.extract(Arrays.copyOfRange(message, 3, 35), dataKey);
        return Hkdf.SHA512.expand(prk, info, 32);
    }

    @Test
    @DisplayName(
            "RULES 16: after doFinal no object of an encrypting cipher reaches the data key, derived keys or plaintext")
    void encryptingCipher() throws Exception {
        KmsCipherSpi spi = spi(Release.AT_THE_END);
        spi.engineInit(Cipher.ENCRYPT_MODE, handle, null);
        byte[] first = spi.engineUpdate(PLAINTEXT, 0, 100);
        assertThat(reachable(spi).stream().anyMatch(Cipher.class::isInstance))
                .as("the walk gets as far as the cipher that is in use")
                .isTrue();
        assertThat(finds(spi, messageKey(first))).as("the key in use is found").isTrue();
        assertThat(finds(spi, dataKey)).isFalse();
        spi.engineDoFinal(PLAINTEXT, 100, 120);

        assertNothingLeft(spi, first);
    }

    @Test
    @DisplayName("RULES 16: the same when init comes before doFinal")
    void abandonedByInit() throws Exception {
        KmsCipherSpi spi = spi(Release.AT_THE_END);
        spi.engineInit(Cipher.ENCRYPT_MODE, handle, null);
        byte[] first = spi.engineUpdate(PLAINTEXT, 0, 100);
        byte[] oldKey = messageKey(first);
        byte[] oldDataKey = dataKey;
        Set<Object> before = reachable(spi);
        spi.engineInit(Cipher.DECRYPT_MODE, handle, null);
        for (Object object : before) {
            assertThat(object instanceof byte[] bytes && (contains(bytes, oldKey) || contains(bytes, oldDataKey)))
                    .as("wiped although it may be reachable from elsewhere")
                    .isFalse();
        }
        assertNothingLeft(spi, first);
    }

    @Test
    @DisplayName("RULES 16: after doFinal, good or bad, no object of a decrypting cipher reaches them")
    void decryptingCipher() throws Exception {
        byte[] message = Ciphers.encrypt(handle, PLAINTEXT);
        for (Release release : Release.values()) {
            KmsCipherSpi spi = spi(release);
            spi.engineInit(Cipher.DECRYPT_MODE, handle, null);
            spi.engineUpdate(message, 0, message.length - 10);
            assertThat(finds(spi, messageKey(message))).isTrue();
            spi.engineDoFinal(message, message.length - 10, 10);
            assertNothingLeft(spi, message);
            for (int at = message.length - 1; at > 60; at -= 50) {
                byte[] changed = Ciphers.flipped(message, at);
                spi.engineUpdate(changed, 0, changed.length - 1);
                assertThat(catchThrowable(() -> spi.engineDoFinal(changed, changed.length - 1, 1)))
                        .isInstanceOf(AEADBadTagException.class);
                assertNothingLeft(spi, message);
            }
            byte[] changed = Ciphers.flipped(message, message.length - 70);
            spi.engineUpdate(changed, 0, changed.length);
            assertThat(finds(spi, messageKey(message)))
                    .as("at once when a fault latches")
                    .isFalse();
        }
    }

    private void assertNothingLeft(KmsCipherSpi spi, byte[] message) {
        assertThat(finds(spi, dataKey)).as("data key").isFalse();
        assertThat(finds(spi, messageKey(message))).as("message key").isFalse();
        assertThat(finds(spi, "planted-plaintext".getBytes(StandardCharsets.US_ASCII)))
                .as("plaintext")
                .isFalse();
        assertThat(reachable(spi).stream().anyMatch(Cipher.class::isInstance))
                .as("a cipher of another provider, which has a copy of the key")
                .isFalse();
        assertThat(reachable(spi).stream()
                        .anyMatch(o -> o instanceof SecretKey key && !key.equals(handle) && !key.isDestroyed()))
                .as("a key in memory")
                .isFalse();
    }

    private static boolean finds(Object root, byte[] secret) {
        return reachable(root).stream().anyMatch(object -> object instanceof byte[] bytes && contains(bytes, secret));
    }

    private static boolean contains(byte[] bytes, byte[] part) {
        for (int i = 0; i + part.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }

    /** All that fields of our own classes lead to, through arrays; the key service, which holds keys by nature, is left out. */
    private static Set<Object> reachable(Object root) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            Object object = open.pop();
            if (object instanceof KeyService || !seen.add(object)) {
                continue;
            }
            if (object instanceof Object[] array) {
                for (int i = 0; i < Array.getLength(array); i++) {
                    pushNonNull(open, array[i]);
                }
            }
            for (Class<?> type = object.getClass();
                    type != null && type.getName().startsWith("dev.kmsenvelope.");
                    type = type.getSuperclass()) {
                for (Field field : type.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())
                            && !field.getType().isPrimitive()
                            && !type.isHidden()) {
                        pushNonNull(open, read(field, object));
                    }
                }
            }
        }
        return seen;
    }

    private static Object read(Field field, Object object) {
        try {
            field.setAccessible(true);
            return field.get(object);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static void pushNonNull(Deque<Object> open, Object object) {
        if (object != null) {
            open.push(object);
        }
    }
}
