package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.MlDsaRepresentative;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import dev.kmsenvelope.kms.SigningService.MessageType;
import java.io.ByteArrayOutputStream;
import java.security.AlgorithmParameters;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.jspecify.annotations.Nullable;

/**
 * ML-DSA: the message itself goes to the service while it is short enough for that, and else its representative mu, which is
 * computed here. Both give signatures of the same kind.
 */
final class MlDsaSigning implements SigningOperation {

    private final KmsPrivateKey key;
    private final SigningService service;
    private final byte[] publicKey;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private @Nullable MlDsaRepresentative representative;

    MlDsaSigning(KmsPrivateKey key, SigningService service) {
        this.key = key;
        this.service = service;
        this.publicKey = SubjectPublicKeyInfo.getInstance(key.encodedPublicKey())
                .getPublicKeyData()
                .getOctets();
    }

    @Override
    public boolean begun() {
        return representative != null || message.size() > 0;
    }

    @Override
    public void update(byte[] in, int offset, int length) {
        if (representative == null && length <= SigningService.MAX_RAW_MESSAGE - message.size()) {
            message.write(in, offset, length);
        } else {
            representative().update(in, offset, length);
        }
    }

    private MlDsaRepresentative representative() {
        MlDsaRepresentative current = representative;
        if (current == null) {
            current = new MlDsaRepresentative(publicKey);
            byte[] before = message.toByteArray();
            current.update(before, 0, before.length);
            representative = current;
        }
        return current;
    }

    @Override
    public byte[] sign() {
        try {
            return representative == null && message.size() > 0
                    ? sign(MessageType.RAW, message.toByteArray())
                    : sign(MessageType.EXTERNAL_MU, representative().finish());
        } finally {
            message.reset();
            representative = null;
        }
    }

    private byte[] sign(MessageType type, byte[] bytes) {
        return service.sign(key.id(), SigningAlgorithm.ML_DSA_SHAKE_256, type, bytes);
    }

    @Override
    public @Nullable AlgorithmParameters parameters() {
        return null;
    }
}
