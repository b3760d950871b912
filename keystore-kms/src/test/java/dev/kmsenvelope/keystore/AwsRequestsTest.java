package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.testing.kms.RequestLog;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** How many requests to AWS KMS what JCA does costs, by the server's log. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AwsRequestsTest {

    private static final String AES = "alias/orders";
    private static final String SIGNING = "alias/signing";

    private final LoopbackAccount account = new LoopbackAccount();
    private final RequestLog log = account.server().log();
    private KeyStore keyStore;

    @BeforeAll
    void createKeys() {
        account.create(AES);
        account.create(SIGNING, KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY);
    }

    @AfterAll
    void close() {
        account.close();
    }

    @BeforeEach
    void load() throws Exception {
        log.clear();
        keyStore = account.load();
    }

    private List<String> operations() {
        return log.all().stream().map(RequestLog.Request::operation).toList();
    }

    @Test
    @DisplayName("Loading the KeyStore makes none")
    void loading() {
        assertThat(operations()).isEmpty();
    }

    @Test
    @DisplayName("The aliases: the lists, and one for each key; asked again within keystore.refresh, none")
    void aliases() throws Exception {
        assertThat(Collections.list(keyStore.aliases())).containsExactly(AES, SIGNING);
        assertThat(operations()).containsExactlyInAnyOrder("ListAliases", "ListKeys", "DescribeKey", "DescribeKey");
        log.clear();
        assertThat(keyStore.size()).isEqualTo(2);
        assertThat(keyStore.containsAlias(AES)).isTrue();
        assertThat(keyStore.isKeyEntry(AES)).isTrue();
        assertThat(keyStore.getCreationDate(AES)).isNotNull();
        assertThat(keyStore.getKey(AES, null)).isNotNull();
        assertThat(operations()).isEmpty();
    }

    @Test
    @DisplayName("A handle: one description with its aliases, and none the second time, nor in another KeyStore")
    void handles() throws Exception {
        Key key = keyStore.getKey(AES, null);
        assertThat(operations()).containsExactly("DescribeKey", "ListAliases");
        assertThat(keyStore.getKey(AES, null)).isEqualTo(key);
        assertThat(operations()).hasSize(2);
    }

    @Test
    @DisplayName("With the cache: one GenerateDataKey for all that is written, one Decrypt for all that is read")
    void cachedMessages() throws Exception {
        Key key = account.load(Map.of("cache.max-age", "5m")).getKey(AES, null);
        log.clear();
        for (int i = 0; i < 20; i++) {
            assertThat(Fixture.open(key, Fixture.seal(key))).isEqualTo(Fixture.TEXT);
        }
        assertThat(operations()).containsExactly("GenerateDataKey", "Decrypt");
    }

    @Test
    @DisplayName("Without: one GenerateDataKey to write each, one Decrypt to read it, however many there are")
    void messages() throws Exception {
        Key key = keyStore.getKey(AES, null);
        log.clear();
        byte[] first = Fixture.seal(key);
        assertThat(operations()).containsExactly("GenerateDataKey");
        byte[] second = Fixture.seal(key);
        assertThat(operations()).containsExactly("GenerateDataKey", "GenerateDataKey");
        log.clear();
        for (byte[] sealed : List.of(first, second, first)) {
            assertThat(Fixture.open(key, sealed)).isEqualTo(Fixture.TEXT);
        }
        assertThat(operations()).containsExactly("Decrypt", "Decrypt", "Decrypt");
    }

    @Test
    @DisplayName("A process that only reads finds out once what its alias means")
    void onlyReading() throws Exception {
        byte[] sealed = Fixture.seal(keyStore.getKey(AES, null));
        Key reader = account.load().getKey(AES, null);
        log.clear();
        Fixture.open(reader, sealed);
        Fixture.open(reader, sealed);
        assertThat(operations()).containsExactly("Decrypt", "Decrypt");
    }

    @Test
    @DisplayName("With aws.alias-max-age = 0s, what the alias means is asked for each message, and once only")
    void withoutMemory() throws Exception {
        KeyStore forgetful = account.load(Map.of("aws.alias-max-age", "0s"));
        Key key = forgetful.getKey(AES, null);
        log.clear();
        byte[] sealed = Fixture.seal(key);
        assertThat(operations()).containsExactly("GenerateDataKey");
        log.clear();
        Fixture.open(key, sealed);
        assertThat(log.count("Decrypt")).isEqualTo(1);
        assertThat(log.count("DescribeKey")).isBetween(1, 2);
        assertThat(log.count()).isLessThanOrEqualTo(3);
    }

    @Test
    @DisplayName("Wrapping a key: one Encrypt and one Decrypt; streams and empty updates cost no more than a message")
    void wrapping() throws Exception {
        Key key = keyStore.getKey(AES, null);
        log.clear();
        Cipher cipher = Cipher.getInstance("AESWrap", Fixture.PROVIDER);
        cipher.init(Cipher.WRAP_MODE, key);
        byte[] wrapped = cipher.wrap(new javax.crypto.spec.SecretKeySpec(new byte[16], "AES"));
        cipher.init(Cipher.UNWRAP_MODE, key);
        cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY);
        assertThat(operations()).containsExactly("Encrypt", "Decrypt");
    }

    @Test
    @DisplayName("A signature is one Sign; the chain of a key is made once, for all KeyStores over one service")
    void signing() throws Exception {
        PrivateKey key = (PrivateKey) keyStore.getKey(SIGNING, null);
        assertThat(operations())
                .as("its public half, and its signature on its certificate")
                .containsExactlyInAnyOrder("DescribeKey", "ListAliases", "GetPublicKey", "Sign");
        log.clear();
        assertThat(keyStore.getCertificateChain(SIGNING)).hasSize(1);
        assertThat(keyStore.isKeyEntry(SIGNING)).isTrue();
        assertThat(keyStore.getEntry(SIGNING, null)).isNotNull();
        assertThat(keyStore.getKey(SIGNING, null)).isEqualTo(key);
        assertThat(operations()).isEmpty();
        Signature signature = Signature.getInstance("SHA256withECDSA", Fixture.PROVIDER);
        signature.initSign(key);
        assertThat(operations()).isEmpty();
        signature.update(Fixture.TEXT);
        signature.sign();
        assertThat(operations()).containsExactly("Sign");
    }

    @Test
    @DisplayName("A message that is not one, or not of this key, costs no request")
    void wrongMessages() throws Exception {
        Key key = keyStore.getKey(AES, null);
        byte[] sealed = Fixture.seal(key);
        log.clear();
        byte[] damaged = sealed.clone();
        damaged[0] ^= 1;
        for (byte[] wrong : List.of(damaged, new byte[100], new byte[0])) {
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> Fixture.open(key, wrong))
                    .isInstanceOf(javax.crypto.AEADBadTagException.class);
        }
        assertThat(operations()).isEmpty();
    }
}
