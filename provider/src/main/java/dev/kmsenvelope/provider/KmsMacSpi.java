package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.MacService;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Mac;
import javax.crypto.MacSpi;
import org.jspecify.annotations.Nullable;

/**
 * Every message authentication code of this provider. Under a handle to a key of a service the service computes it, out of
 * the message itself, so there is a limit to its length; under one to a stored data key it is computed here. Any other key is
 * given to the first other provider that takes it, as if this provider were not there. Not thread-safe, as any Mac object.
 */
final class KmsMacSpi extends MacSpi {

    private final MacName name;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private boolean tooLong;
    private @Nullable KmsMacKey key;
    private @Nullable MacService service;
    private @Nullable StoredMac stored;
    private @Nullable Mac passedThrough;

    KmsMacSpi(String algorithm) {
        this.name = MacName.of(algorithm);
    }

    private KmsMacSpi(MacName name, @Nullable StoredMac stored, @Nullable Mac passedThrough) {
        this.name = name;
        this.stored = stored;
        this.passedThrough = passedThrough;
    }

    @Override
    protected int engineGetMacLength() {
        return name.length();
    }

    @Override
    protected void engineInit(Key newKey, @Nullable AlgorithmParameterSpec parameters)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        engineReset();
        key = null;
        service = null;
        stored = null;
        passedThrough = null;
        if (newKey instanceof KmsMacKey handle) {
            requireNone(parameters);
            initInService(handle);
        } else if (newKey instanceof KmsStoredKey handle) {
            requireNone(parameters);
            stored = StoredMac.start(handle, name.algorithm());
        } else {
            passedThrough = OtherProviders.firstFor("Mac", name.algorithm(), newKey, provider -> {
                Mac mac = Mac.getInstance(name.algorithm(), provider);
                mac.init(newKey, parameters);
                return mac;
            });
        }
    }

    private static void requireNone(@Nullable AlgorithmParameterSpec parameters)
            throws InvalidAlgorithmParameterException {
        if (parameters != null) {
            throw new InvalidAlgorithmParameterException("HMAC takes no parameters");
        }
    }

    private void initInService(KmsMacKey handle) throws InvalidKeyException {
        if (handle.mac() != name) {
            throw new InvalidKeyException(
                    "the key " + handle.id() + " is for " + handle.getAlgorithm() + ", not " + name.algorithm());
        }
        service = handle.service()
                .capability(MacService.class)
                .orElseThrow(() -> new InvalidKeyException(
                        "the service " + handle.service().name() + " computes no message authentication codes"));
        key = handle;
    }

    @Override
    protected void engineUpdate(byte in) {
        engineUpdate(new byte[] {in}, 0, 1);
    }

    @Override
    protected void engineUpdate(byte[] in, int offset, int length) {
        if (stored != null) {
            stored.update(in, offset, length);
            return;
        }
        if (passedThrough != null) {
            passedThrough.update(in, offset, length);
            return;
        }
        tooLong |= length > MacService.MAX_MAC_MESSAGE - message.size();
        if (tooLong) {
            throw wrongLength("it is longer than that");
        }
        message.write(in, offset, length);
    }

    @Override
    protected void engineUpdate(ByteBuffer in) {
        if (stored != null) {
            stored.update(in);
            return;
        }
        if (passedThrough != null) {
            passedThrough.update(in);
            return;
        }
        byte[] copy = new byte[in.remaining()];
        in.get(copy);
        engineUpdate(copy, 0, copy.length);
    }

    @Override
    protected byte[] engineDoFinal() {
        if (stored != null) {
            return stored.doFinal();
        }
        if (passedThrough != null) {
            return passedThrough.doFinal();
        }
        if (key == null || service == null) {
            throw new IllegalStateException("the Mac is not initialized");
        }
        byte[] bytes = message.toByteArray();
        boolean refused = tooLong;
        engineReset();
        if (refused) {
            throw wrongLength("it is longer than that");
        }
        if (bytes.length == 0) {
            throw wrongLength("it is empty");
        }
        return service.generateMac(key.id(), name.portName(), bytes);
    }

    private static IllegalStateException wrongLength(String found) {
        return new IllegalStateException("a key service computes the code of a message of 1 to "
                + MacService.MAX_MAC_MESSAGE + " bytes; " + found + ". Give it a hash of the message instead");
    }

    @Override
    protected void engineReset() {
        message.reset();
        tooLong = false;
        if (stored != null) {
            stored.reset();
        }
        if (passedThrough != null) {
            passedThrough.reset();
        }
    }

    /** Not under a key of a service: nothing of the state is here then but the message. */
    @Override
    public Object clone() throws CloneNotSupportedException {
        if (stored == null && passedThrough == null && key == null) {
            return new KmsMacSpi(name.algorithm());
        }
        if (stored == null && passedThrough == null) {
            throw new CloneNotSupportedException("a Mac under a key of a key service cannot be cloned");
        }
        return new KmsMacSpi(
                name,
                stored == null ? null : stored.copy(),
                passedThrough == null ? null : (Mac) passedThrough.clone());
    }
}
