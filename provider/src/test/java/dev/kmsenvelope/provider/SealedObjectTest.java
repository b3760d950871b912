package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.security.InvalidKeyException;
import java.security.Security;
import javax.crypto.Cipher;
import javax.crypto.SealedObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SealedObject keeps the parameters with the sealed bytes and looks for them in the named provider. */
class SealedObjectTest {

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("master").withKey("other");
    private final KmsSecretKey handle = Ciphers.handle(service, "master");

    @BeforeEach
    void addTheProvider() {
        Security.addProvider(new KmsEnvelopeProvider());
    }

    @AfterEach
    void removeTheProvider() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
    }

    @ParameterizedTest
    @DisplayName("Seals, is serialized, and opens by key, key and provider name, and cipher")
    @ValueSource(
            strings = {
                "AES/GCM/NoPadding",
                "AES_256/GCM/NoPadding",
                "Envelope",
                "Envelope/ESDK/NoPadding",
                "Envelope/S3EC/NoPadding"
            })
    void sealsAndOpens(String transformation) throws Exception {
        Cipher cipher = Cipher.getInstance(transformation);
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new SealedObject("a secret", cipher));
        }
        SealedObject sealed;
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            sealed = (SealedObject) in.readObject();
        }
        Cipher opening = Cipher.getInstance(transformation);
        opening.init(Cipher.DECRYPT_MODE, handle, cipher.getParameters());

        assertThat(sealed.getAlgorithm()).isEqualTo(transformation);
        assertThat(sealed.getObject(handle)).isEqualTo("a secret");
        assertThat(sealed.getObject(handle, KmsEnvelopeProvider.NAME)).isEqualTo("a secret");
        assertThat(sealed.getObject(opening)).isEqualTo("a secret");
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> sealed.getObject(Ciphers.handle(service, "other")));
    }
}
