package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.StoredKeys;
import java.security.Key;
import java.security.spec.AlgorithmParameterSpec;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;

/** Runs a scenario with SunJCE and with a handle to a stored data key, and compares what they give or throw. */
abstract class StoredKeyParity {

    static final byte[] KEY = Ciphers.random(32);
    private static final byte[] OTHER_KEY = Ciphers.random(16);
    static final GCMParameterSpec IV = new GCMParameterSpec(128, Ciphers.random(12));
    static final GCMParameterSpec OTHER_IV = new GCMParameterSpec(128, new byte[12]);

    final StoredKeys keys = new StoredKeys();

    @AfterEach
    void close() {
        keys.close();
    }

    interface Scenario {
        void run(Cipher cipher, Key key, Key other, List<Object> seen) throws Exception;
    }

    static List<Object> seen(Cipher cipher, Key key, Key other, Scenario scenario) {
        List<Object> seen = new ArrayList<>();
        Throwable thrown = catchThrowable(() -> scenario.run(cipher, key, other, seen));
        if (thrown instanceof AssertionError e) {
            throw e;
        }
        seen.add(thrown == null ? "ends well" : thrown.getClass().getName());
        return seen;
    }

    void sameAsSunJce(DataKeyUsage usage, String transformation, Scenario scenario) throws Exception {
        List<Object> theirs = seen(
                Cipher.getInstance(transformation, "SunJCE"),
                new SecretKeySpec(KEY, "AES"),
                new SecretKeySpec(OTHER_KEY, "AES"),
                scenario);
        List<Object> ours =
                seen(Ciphers.ours(transformation), keys.handle(usage, KEY), keys.handle(usage, OTHER_KEY), scenario);
        assertThat(ours).hasSameSizeAs(theirs);
        for (int i = 0; i < ours.size(); i++) {
            assertThat(ours.get(i)).as("step %d", i).isEqualTo(theirs.get(i));
        }
    }

    void sameAsSunJce(DataKeyUsage usage, Scenario scenario) throws Exception {
        sameAsSunJce(usage, usage.transformation(), scenario);
    }

    static AlgorithmParameterSpec parameters(DataKeyUsage usage) {
        return usage == DataKeyUsage.AES_GCM ? IV : new IvParameterSpec(Ciphers.random(16));
    }

    static Object thrownBy(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        return thrown == null ? "nothing" : thrown.getClass().getName();
    }
}
