package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import java.io.ByteArrayOutputStream;
import java.security.AlgorithmParameters;
import java.security.SignatureException;
import org.jspecify.annotations.Nullable;

/** Ed25519: the service takes the message itself, which the algorithm reads twice, so there is a limit to its length. */
final class MessageSigning implements SigningOperation {

    private final KmsPrivateKey key;
    private final SigningService service;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private boolean tooLong;

    MessageSigning(KmsPrivateKey key, SigningService service) {
        this.key = key;
        this.service = service;
    }

    @Override
    public boolean begun() {
        return tooLong || message.size() > 0;
    }

    /** A message that is too long is remembered until it ends: not every form of update can say so. */
    @Override
    public void update(byte[] in, int offset, int length) throws SignatureException {
        tooLong |= length > SigningService.MAX_RAW_MESSAGE - message.size();
        if (tooLong) {
            throw wrongLength("it is longer than that");
        }
        message.write(in, offset, length);
    }

    @Override
    public byte[] sign() throws SignatureException {
        byte[] bytes = message.toByteArray();
        boolean refused = tooLong;
        message.reset();
        tooLong = false;
        if (refused) {
            throw wrongLength("it is longer than that");
        }
        if (bytes.length == 0) {
            throw wrongLength("it is empty");
        }
        return service.sign(key.id(), SigningAlgorithm.ED25519_SHA_512, SigningService.MessageType.RAW, bytes);
    }

    private static SignatureException wrongLength(String found) {
        return new SignatureException("a key service signs messages of 1 to " + SigningService.MAX_RAW_MESSAGE
                + " bytes with Ed25519, which takes the message itself and not its hash; " + found);
    }

    @Override
    public @Nullable AlgorithmParameters parameters() {
        return null;
    }
}
