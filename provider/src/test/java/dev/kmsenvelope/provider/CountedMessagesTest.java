package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.StormyKeyService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * How many calls of the service many messages cost. {@code -Dkmsenvelope.test.messages=1000000} is the figure that is
 * promised; usually it is fewer, and the number of calls is the same.
 */
class CountedMessagesTest {

    private static final int CONTEXTS = 100;
    private static final int THREADS = 4;
    private static final int MESSAGES = Integer.getInteger("kmsenvelope.test.messages", 5_000);
    private static final byte[] TEXT = Ciphers.random(64);

    private final StormyKeyService service = new StormyKeyService().withKey("master");
    private final KeyServices services = KeyServices.of(service, Map.of());

    private KmsSecretKey handle(int context) {
        KeyId key = KeyId.of("master");
        Map<String, String> settings = Map.of("key.master.context.tenant", Integer.toString(context));
        return KmsSecretKey.of(services, KeyReference.ofMain(key), KeyPolicy.of(Configuration.of(settings), key));
    }

    @Test
    @DisplayName("A million messages over a hundred contexts: a hundred calls to write, a hundred to read")
    void counted() throws Exception {
        List<KmsSecretKey> handles =
                IntStream.range(0, CONTEXTS).mapToObj(this::handle).toList();
        List<Integer> opened = Crowd.each(THREADS, thread -> () -> {
            Cipher encrypting = Ciphers.ours(Ciphers.GCM);
            Cipher decrypting = Ciphers.ours(Ciphers.GCM);
            int count = 0;
            List<byte[]> some = new ArrayList<>();
            for (int i = thread; i < MESSAGES; i += THREADS) {
                encrypting.init(Cipher.ENCRYPT_MODE, handles.get(i % CONTEXTS));
                some.add(encrypting.doFinal(TEXT));
                if (some.size() == CONTEXTS || i + THREADS >= MESSAGES) {
                    count += open(decrypting, handles, i, some);
                }
            }
            return count;
        });
        assertThat(opened.stream().mapToInt(Integer::intValue).sum()).isEqualTo(MESSAGES);
        assertThat(service.generated).hasValue(CONTEXTS);
        assertThat(service.decrypted).hasValue(CONTEXTS);
        services.close();
        assertThat(service.alive()).isZero();
    }

    /** Opens what was written last, the newest message being of the given number. */
    private static int open(Cipher cipher, List<KmsSecretKey> handles, int last, List<byte[]> messages)
            throws Exception {
        int count = messages.size();
        for (int i = 0; i < count; i++) {
            cipher.init(Cipher.DECRYPT_MODE, handles.get((last - THREADS * (count - 1 - i)) % CONTEXTS));
            assertThat(cipher.doFinal(messages.get(i))).isEqualTo(TEXT);
        }
        messages.clear();
        return count;
    }
}
