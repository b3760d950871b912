package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.RandomService;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.EveryKindService;
import dev.kmsenvelope.testing.Handles;
import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.DrbgParameters;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The service's random bytes: for those who ask for them by name, and for nobody else. */
class RandomTest {

    private final EveryKindService service = new EveryKindService().withKey("master", KeySpec.SYMMETRIC_DEFAULT);

    @AfterEach
    void removeTheProvider() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
    }

    private SecureRandom random() throws NoSuchAlgorithmException {
        return SecureRandom.getInstance("KMS", KmsRandomParameters.of(service), Handles.PROVIDER);
    }

    @Test
    @DisplayName("Every byte is drawn from the service, at most 1024 in a call, and none is kept")
    void draws() throws Exception {
        SecureRandom random = random();
        byte[] bytes = new byte[2500];
        random.nextBytes(bytes);
        assertThat(service.calls).containsExactly("generateRandom 1024", "generateRandom 1024", "generateRandom 452");
        for (int start = 0; start < bytes.length; start += 500) {
            assertThat(java.util.Arrays.copyOfRange(bytes, start, start + 500)).isNotEqualTo(new byte[500]);
        }
        random.nextInt();
        random.setSeed(new byte[3]);
        random.nextBytes(new byte[0]);
        assertThat(random.generateSeed(5)).hasSize(5);
        assertThat(service.calls.subList(3, service.calls.size()))
                .containsExactly("generateRandom 4", "generateRandom 5");
        assertThat(random.getAlgorithm()).isEqualTo("KMS");
        SecureRandom ofAHandle = SecureRandom.getInstance(
                "kms", KmsRandomParameters.of(Ciphers.handle(service, "master")), Handles.PROVIDER);
        ofAHandle.nextBytes(new byte[7]);
        assertThat(service.calls).last().isEqualTo("generateRandom 7");
    }

    @Test
    @DisplayName("Trouble of the service is thrown: nothing else takes its place")
    void serviceFails() throws Exception {
        SecureRandom random = random();
        service.failWith(() -> new KmsThrottledException("slow down"));
        assertThatExceptionOfType(KmsThrottledException.class).isThrownBy(() -> random.nextBytes(new byte[3]));
        service.failWith(() -> null);
        random.nextBytes(new byte[3]);
        service.without(RandomService.class);
        assertThatExceptionOfType(InvalidKeyUsageException.class).isThrownBy(random::nextInt);
    }

    @Test
    @DisplayName("Parameters of others are refused; it is not serialized")
    void wrongUse() throws Exception {
        assertThatExceptionOfType(NoSuchAlgorithmException.class)
                .isThrownBy(() -> SecureRandom.getInstance(
                        "KMS",
                        DrbgParameters.instantiation(128, DrbgParameters.Capability.NONE, null),
                        Handles.PROVIDER));
        SecureRandom random = random();
        try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            assertThatExceptionOfType(NotSerializableException.class).isThrownBy(() -> out.writeObject(random));
        }
    }

    @Test
    @DisplayName("Without parameters the provider's configuration says which service, when bytes are drawn")
    void configured() throws Exception {
        Provider configured = Handles.PROVIDER.configure("/does/not/exist");
        SecureRandom random = SecureRandom.getInstance("KMS", configured);
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(random::nextInt)
                .withMessageContaining("/does/not/exist");
    }

    @Test
    @DisplayName(
            "Even first in the list, new SecureRandom() and getInstanceStrong are the JDK's, but the name is found")
    void neverTheDefault() throws Exception {
        String before = new SecureRandom().getAlgorithm();
        Security.insertProviderAt(new KmsEnvelopeProvider(), 1);
        assertThat(new SecureRandom().getProvider().getName()).isEqualTo("SUN");
        assertThat(new SecureRandom().getAlgorithm()).isEqualTo(before);
        assertThat(new SecureRandom(new byte[3]).getProvider().getName()).isEqualTo("SUN");
        assertThat(SecureRandom.getInstanceStrong().getProvider().getName()).isEqualTo("SUN");
        assertThat(SecureRandom.getInstance("KMS", KmsRandomParameters.of(service))
                        .getProvider()
                        .getName())
                .isEqualTo(KmsEnvelopeProvider.NAME);
        assertThat(Security.getAlgorithms("SecureRandom")).doesNotContain("KMS");
    }
}
