package dev.kmsenvelope.keystore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.keystore.file.Samples.Identity;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bouncycastle.jcajce.spec.MLDSAParameterSpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Private keys: what is encrypted for one place decrypts there, and nowhere else. */
class StoreWrappingPrivateKeyTest extends StoreWrappingCase {

    private void assertComesBack(Identity identity, String signature) throws Exception {
        kms.takeRequests();
        PrivateKeyEntry entry =
                wrapping.wrap(content, "tls", Watched.DATA, Samples.CONTEXT, identity.key(), identity.chain());
        assertThat(kms.takeRequests()).containsExactly("generateDataKey");

        PrivateKey key = wrapping.unwrap(content, entry);

        assertThat(kms.takeRequests()).containsExactly("decrypt");
        Signature signing = Signature.getInstance(signature, Samples.BOUNCY_CASTLE);
        signing.initSign(KeyFactory.getInstance(identity.key().getAlgorithm(), Samples.BOUNCY_CASTLE)
                .generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded())));
        signing.update(RAW);
        byte[] signed = signing.sign();
        signing.initVerify(identity.certificate().getPublicKey());
        signing.update(RAW);
        assertThat(signing.verify(signed)).as(signature).isTrue();
        assertThat(entry.key()).isEqualTo(idOf(Watched.DATA));
        assertThat(entry.chain()).hasSize(1);
    }

    private static final class OpaqueKey implements PrivateKey {
        private static final long serialVersionUID = 1L;

        @Override
        public String getAlgorithm() {
            return "EC";
        }

        @Override
        public String getFormat() {
            return "PKCS#8";
        }

        @Override
        public byte[] getEncoded() {
            return null;
        }
    }

    @Test
    void privateKeysOfManyKindsComeBack() throws Exception {
        assertComesBack(Samples.identity("RSA", null, "SHA256withRSA"), "SHA256withRSA");
        assertComesBack(Samples.identity("EC", new ECGenParameterSpec("P-384"), "SHA384withECDSA"), "SHA384withECDSA");
        assertComesBack(
                Samples.identity("EC", new ECGenParameterSpec("secp256k1"), "SHA256withECDSA"), "SHA256withECDSA");
        assertComesBack(Samples.identity("Ed25519", null, "Ed25519"), "Ed25519");
        assertComesBack(Samples.identity("ML-DSA-65", MLDSAParameterSpec.ml_dsa_65, "ML-DSA-65"), "ML-DSA-65");
    }

    @Test
    void aPrivateKeyOfTheJdkIsOneAgain() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("RSA", "SunRsaSign").generateKeyPair();
        PrivateKeyEntry entry = wrapping.wrap(
                content,
                "tls",
                Watched.DATA,
                Map.of(),
                pair.getPrivate(),
                Samples.identity().chain());

        assertThat(wrapping.unwrap(content, entry)).isEqualTo(pair.getPrivate());
    }

    @Test
    @DisplayName("RULES 18: a private key decrypts in its own file, under its own alias only")
    void aPrivateKeyDecryptsNowhereElse() throws Exception {
        Identity identity = Samples.identity();
        PrivateKeyEntry entry =
                wrapping.wrap(content, "tls", Watched.DATA, Samples.CONTEXT, identity.key(), identity.chain());
        List<PrivateKeyEntry> others = new ArrayList<>();
        others.add(changed(entry, "TLS", entry.key(), entry.context(), "EC", entry.message()));
        others.add(changed(entry, "tls", idOf(Watched.OTHER), entry.context(), "EC", entry.message()));
        others.add(changed(entry, "tls", entry.key(), Map.of("tenant", "red"), "EC", entry.message()));
        others.add(changed(entry, "tls", entry.key(), entry.context(), "RSA", entry.message()));
        byte[] message = entry.message();
        for (int i = 0; i < message.length; i += 7) {
            byte[] damaged = message.clone();
            damaged[i] ^= 1;
            others.add(changed(entry, "tls", entry.key(), entry.context(), "EC", damaged));
            others.add(
                    changed(entry, "tls", entry.key(), entry.context(), "EC", Arrays.copyOf(message, Math.max(1, i))));
        }

        for (PrivateKeyEntry other : others) {
            assertThatThrownBy(() -> wrapping.unwrap(content, other)).isInstanceOf(UnrecoverableKeyException.class);
        }
        assertThatThrownBy(() -> wrapping.unwrap(StoreContent.create(), entry))
                .isInstanceOf(UnrecoverableKeyException.class);
        assertThat(wrapping.unwrap(content.next(), entry).getEncoded())
                .isEqualTo(identity.key().getEncoded());
        assertThat(wrapping.unwrap(content, entry.withChain(List.of(new byte[1]))))
                .as("certificates may change")
                .isNotNull();
    }

    @Test
    void privateKeysAreRenamedAndRewrapped() throws Exception {
        Identity identity = Samples.identity();
        PrivateKeyEntry entry =
                wrapping.wrap(content, "tls", Watched.DATA, Samples.CONTEXT, identity.key(), identity.chain());

        PrivateKeyEntry renamed = (PrivateKeyEntry) wrapping.rename(content, entry, "web");
        PrivateKeyEntry moved = (PrivateKeyEntry) wrapping.rewrap(content, renamed, Watched.OTHER);

        assertThat(renamed.alias()).isEqualTo("web");
        assertThat(moved.key()).isEqualTo(idOf(Watched.OTHER));
        assertThat(wrapping.unwrap(content, moved).getEncoded())
                .isEqualTo(identity.key().getEncoded());
        assertThatThrownBy(() -> wrapping.rename(StoreContent.create(), entry, "web"))
                .isInstanceOf(UnrecoverableKeyException.class);
    }

    @Test
    void aPrivateKeyWithoutAnEncodedFormIsRefused() throws Exception {
        Identity identity = Samples.identity();
        kms.takeRequests();
        assertThatThrownBy(
                        () -> wrapping.wrap(content, "tls", Watched.DATA, Map.of(), new OpaqueKey(), identity.chain()))
                .isInstanceOf(InvalidKeyException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        wrapping.wrap(content, "tls", Watched.DATA, Map.of(), identity.key(), new Certificate[0]));
        assertThat(kms.takeRequests()).isEmpty();
    }
}
