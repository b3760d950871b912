package dev.kmsenvelope.provider;

import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/** What handles to secret keys have in common: there is nothing to see in them, and they do not leave the process. */
abstract class OpaqueSecretKey implements SecretKey {

    private static final long serialVersionUID = 1L;

    /**
     * There is no encoded form.
     *
     * @return null
     */
    @Override
    public final @Nullable String getFormat() {
        return null;
    }

    /**
     * There is no encoded form.
     *
     * @return null
     */
    @Override
    public final byte @Nullable [] getEncoded() {
        return null;
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException(getClass().getName());
    }

    private void readObject(ObjectInputStream in) throws NotSerializableException {
        throw new NotSerializableException(getClass().getName());
    }

    /** Called in place of the above when somebody made a stream that does not mention this class. */
    private void readObjectNoData() throws NotSerializableException {
        throw new NotSerializableException(getClass().getName());
    }
}
