package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeys;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.provider.EnvelopeChannels;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.Provider;
import java.util.Collections;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/HIERARCHICAL.md shows: branch keys as keys of a KeyStore, for ciphers and channels. */
class HierarchicalKeyStoreTest {

    private static final Provider PROVIDER = new KmsEnvelopeProvider();
    private static final byte[] PLAINTEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path home;

    private KeyStore ks;

    @BeforeEach
    void load() throws Exception {
        Fixture.create(home, "alias/root");
        Configuration settings = Configuration.of(Map.of(
                "backend",
                "hierarchical",
                "hierarchical.file",
                home.resolve("branch-keys").toString(),
                "hierarchical.kms-key",
                "alias/root",
                "local.directory",
                home.toString()));
        try (BranchKeyAdministration administration = BranchKeys.openAdministration(settings)) {
            administration.create("tenant-1", EncryptionContext.of(Map.of("department", "sales")));
            administration.create("tenant-2", EncryptionContext.empty());
        }
        ks = KeyStore.getInstance("KMS", PROVIDER);
        ks.load(new KmsLoadStoreParameter(settings));
    }

    @Test
    void branchKeysAreEntries() throws Exception {
        assertThat(Collections.list(ks.aliases())).containsExactlyInAnyOrder("alias/tenant-1", "alias/tenant-2");
        assertThat(ks.isKeyEntry("alias/tenant-1")).isTrue();
        assertThat(ks.getKey("alias/tenant-1", null)).isInstanceOf(KmsSecretKey.class);
        assertThat(ks.getKey("tenant-1", null)).isInstanceOf(KmsSecretKey.class);
        assertThat(ks.getKey("alias/tenant-3", null)).isNull();
    }

    @Test
    void ciphersWorkUnderThem() throws Exception {
        Key key = ks.getKey("alias/tenant-1", null);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", PROVIDER);
        cipher.init(Cipher.ENCRYPT_MODE, key);
        byte[] message = cipher.doFinal(PLAINTEXT);

        cipher.init(Cipher.DECRYPT_MODE, key);
        assertThat(cipher.doFinal(message)).isEqualTo(PLAINTEXT);
        cipher.init(Cipher.DECRYPT_MODE, ks.getKey("alias/tenant-2", null));
        assertThatThrownBy(() -> cipher.doFinal(message)).isInstanceOf(AEADBadTagException.class);

        Cipher wrap = Cipher.getInstance("AESWrap", PROVIDER);
        wrap.init(Cipher.WRAP_MODE, key);
        byte[] wrapped = wrap.wrap(new javax.crypto.spec.SecretKeySpec(new byte[32], "AES"));
        wrap.init(Cipher.UNWRAP_MODE, key);
        assertThat(wrap.unwrap(wrapped, "AES", Cipher.SECRET_KEY).getEncoded()).isEqualTo(new byte[32]);
    }

    @Test
    void soDoChannels() throws Exception {
        KmsSecretKey key = (KmsSecretKey) ks.getKey("alias/tenant-1", null);
        byte[] large = new byte[300_000];
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        EnvelopeChannels.of(key).encrypt(new ByteArrayInputStream(large), message);
        ByteArrayOutputStream plaintext = new ByteArrayOutputStream();
        EnvelopeChannels.of(key).decrypt(new ByteArrayInputStream(message.toByteArray()), plaintext);
        assertThat(plaintext.toByteArray()).isEqualTo(large);
    }
}
