package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.KeyServices;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Wrapping keys again that AESWrap wrapped. */
class KeyRewrappingTest {

    private static final Key KEY = new SecretKeySpec(Ciphers.random(32), "AES");
    private static final EncryptionContext NONE = EncryptionContext.empty();
    private static final EncryptionContext TENANT = EncryptionContext.of(Map.of("tenant", "a"));

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("old").withKey("new");
    private final KmsSecretKey from = Ciphers.handle(service, "old");
    private final KmsSecretKey to = Ciphers.handle(service, "new");

    private static byte[] wrap(KmsSecretKey handle) throws Exception {
        return Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle).wrap(KEY);
    }

    private static Key unwrap(KmsSecretKey handle, byte[] wrapped) throws Exception {
        return Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, handle).unwrap(wrapped, "AES", Cipher.SECRET_KEY);
    }

    @Test
    @DisplayName("The key stays the same under the new wrapping, which the old key does not open")
    void anotherKey() throws Exception {
        byte[] rewrapped = KeyRewrapping.rewrap(from, wrap(from), NONE, to, NONE);
        assertThat(unwrap(to, rewrapped)).isEqualTo(KEY);
        assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> unwrap(from, rewrapped));
    }

    @Test
    @DisplayName("It is the service's reEncrypt that does it: no plaintext comes out of the service")
    void insideTheService() throws Exception {
        byte[] wrapped = wrap(from);
        KeyService guarded = KeyServices.failingAt(
                "decrypt", service, () -> new IllegalStateException("plaintext would leave the service"));
        KmsSecretKey guardedFrom = Ciphers.handle(guarded, "old");
        byte[] rewrapped = KeyRewrapping.rewrap(guardedFrom, wrapped, NONE, guardedFrom, NONE);
        assertThat(rewrapped).isNotEqualTo(wrapped);
        assertThat(unwrap(from, rewrapped)).isEqualTo(KEY);
    }

    @Test
    @DisplayName("Contexts: the given and the configured ones, each for its side")
    void contexts() throws Exception {
        KmsSecretKey strict = Ciphers.handle(service, "new", "key.new.context.region", "eu");
        byte[] rewrapped = KeyRewrapping.rewrap(from, wrap(from), NONE, strict, TENANT);
        assertThatThrownBy(() -> unwrap(strict, rewrapped)).isInstanceOf(InvalidKeyException.class);
        assertThat(Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, strict, Ciphers.context("tenant", "a"))
                        .unwrap(rewrapped, "AES", Cipher.SECRET_KEY))
                .isEqualTo(KEY);
        byte[] back = KeyRewrapping.rewrap(strict, rewrapped, TENANT, from, NONE);
        assertThat(unwrap(from, back)).isEqualTo(KEY);
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> KeyRewrapping.rewrap(
                        from, wrap(from), NONE, strict, EncryptionContext.of(Map.of("region", "us"))));
    }

    @Test
    @DisplayName("RULES 12: whatever is wrong with a wrapped key, type and text are the same")
    void wrongBlobs() throws Exception {
        byte[] wrapped = wrap(from);
        Set<String> texts = new HashSet<>();
        for (byte[] wrong : new byte[][] {
            new byte[0],
            {1},
            Arrays.copyOf(wrapped, wrapped.length - 1),
            Ciphers.flipped(wrapped, wrapped.length - 1),
            Ciphers.flipped(wrapped, 3),
            wrap(to)
        }) {
            Throwable thrown = catchThrowable(() -> KeyRewrapping.rewrap(from, wrong, NONE, to, NONE));
            assertThat(thrown).isExactlyInstanceOf(InvalidKeyException.class);
            texts.add(thrown.getMessage());
        }
        texts.add(catchThrowable(() -> KeyRewrapping.rewrap(from, wrapped, TENANT, to, NONE))
                .getMessage());
        texts.add(catchThrowable(() -> unwrap(from, wrap(to))).getMessage());
        assertThat(texts).hasSize(1);
    }

    @Test
    @DisplayName("RULES 19: trouble of the service is a KmsException")
    void serviceTrouble() throws Exception {
        byte[] wrapped = wrap(from);
        service.failWith(() -> new KmsUnavailableException("the service is away", null));
        assertThatExceptionOfType(KmsUnavailableException.class)
                .isThrownBy(() -> KeyRewrapping.rewrap(from, wrapped, NONE, to, NONE));
    }

    @Test
    @DisplayName("A handle that may not decrypt does not unwrap, one that may not encrypt does not wrap")
    void usages() throws Exception {
        byte[] wrapped = wrap(from);
        KmsSecretKey encrypts = Ciphers.handle(service, "old", "key.old.usage", "encrypt");
        KmsSecretKey decrypts = Ciphers.handle(service, "new", "key.new.usage", "decrypt");
        assertThatThrownBy(() -> KeyRewrapping.rewrap(encrypts, wrapped, NONE, to, NONE))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("may not decrypt");
        assertThatThrownBy(() -> KeyRewrapping.rewrap(from, wrapped, NONE, decrypts, NONE))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("may not encrypt");
    }

    @Test
    @DisplayName("Keys of two services are refused, since the plaintext would have to leave one")
    void twoServices() throws Exception {
        byte[] wrapped = wrap(from);
        KmsSecretKey elsewhere = Ciphers.handle(new InMemoryKeyService().withKey("new"), "new");
        assertThatThrownBy(() -> KeyRewrapping.rewrap(from, wrapped, NONE, elsewhere, NONE))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("two services");
    }
}
