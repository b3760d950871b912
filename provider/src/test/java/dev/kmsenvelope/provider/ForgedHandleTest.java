package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.io.ObjectStreamConstants;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No handle comes out of a stream, whatever somebody wrote into it. */
class ForgedHandleTest {

    /** An object without fields, as one of these classes, of which so many superclasses are mentioned. */
    private static byte[] stream(List<Class<?>> mentioned) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeShort(ObjectStreamConstants.STREAM_MAGIC);
        out.writeShort(ObjectStreamConstants.STREAM_VERSION);
        out.writeByte(ObjectStreamConstants.TC_OBJECT);
        for (Class<?> each : mentioned) {
            out.writeByte(ObjectStreamConstants.TC_CLASSDESC);
            out.writeUTF(each.getName());
            out.writeLong(ObjectStreamClass.lookup(each).getSerialVersionUID());
            out.writeByte(ObjectStreamConstants.SC_SERIALIZABLE);
            out.writeShort(0);
            out.writeByte(ObjectStreamConstants.TC_ENDBLOCKDATA);
        }
        out.writeByte(ObjectStreamConstants.TC_NULL);
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @DisplayName("An object is refused when its class is mentioned alone, and when all superclasses are")
    @ValueSource(
            classes = {
                KmsStoredKey.class,
                KmsMacKey.class,
                KmsSecretKey.class,
                KmsRsaPrivateKey.class,
                KmsEcPrivateKey.class,
                KmsEdPrivateKey.class,
                KmsMlDsaPrivateKey.class
            })
    void refused(Class<?> handle) throws Exception {
        assertThat(handle.getSuperclass().getSuperclass()).isEqualTo(Object.class);
        for (List<Class<?>> mentioned :
                List.of(List.<Class<?>>of(handle), List.<Class<?>>of(handle, handle.getSuperclass()))) {
            byte[] forged = stream(mentioned);
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(forged))) {
                assertThatExceptionOfType(NotSerializableException.class)
                        .isThrownBy(in::readObject)
                        .withMessage(handle.getName());
            }
        }
    }
}
