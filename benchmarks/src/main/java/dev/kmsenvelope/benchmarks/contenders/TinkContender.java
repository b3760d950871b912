package dev.kmsenvelope.benchmarks.contenders;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.KmsEnvelopeAead;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/**
 * Tink's envelope encryption, with an {@code Aead} in memory in place of a key service. It makes a data key per message and
 * has no cache, so with a real service each message would be a request.
 */
final class TinkContender implements Contender {

    private final ContenderName name;
    private final Aead aead;

    TinkContender(ContenderName name) throws GeneralSecurityException {
        this.name = name;
        AeadConfig.register();
        Aead remote = KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get())
                .getPrimitive(RegistryConfiguration.get(), Aead.class);
        this.aead = KmsEnvelopeAead.create(PredefinedAeadParameters.AES256_GCM, remote);
    }

    @Override
    public ContenderName name() {
        return name;
    }

    @Override
    public Session open() {
        byte[] associated = MasterKey.CONTEXT.toString().getBytes(StandardCharsets.UTF_8);
        return new AeadSession(aead, associated);
    }

    @Override
    public void close() {
        // nothing was opened
    }

    private record AeadSession(Aead aead, byte[] associated) implements Session {

        @Override
        public byte[] encrypt(byte[] plaintext) throws GeneralSecurityException {
            return aead.encrypt(plaintext, associated);
        }

        @Override
        public byte[] decrypt(byte[] message) throws GeneralSecurityException {
            return aead.decrypt(message, associated);
        }
    }
}
