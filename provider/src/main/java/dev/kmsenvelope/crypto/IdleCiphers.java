package dev.kmsenvelope.crypto;

import java.lang.ref.WeakReference;
import java.security.Provider;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.Cipher;

/**
 * AES-GCM ciphers kept between messages, by the provider that made them: to make one costs as much as to encrypt a kilobyte.
 * An idle one still holds the key of the message it was last used for. Thread-safe.
 */
public final class IdleCiphers {

    private static final int MAX_PROVIDERS = 8;

    private static volatile List<OfProvider> all = List.of();

    private record OfProvider(WeakReference<Provider> provider, IdleObjects<Cipher> ciphers) {}

    private IdleCiphers() {}

    /**
     * Forgets the ciphers, those in use as soon as they no longer are, and with them the keys they hold (RULES 16). To be
     * called when a data key is wiped: keys derived from it must not be reachable any longer than itself.
     */
    public static void drop() {
        for (OfProvider one : all) {
            one.ciphers().drop();
        }
    }

    /** Those of one provider. */
    @SuppressWarnings("ReferenceEquality") // providers are maps, and compared as such equal when they are not the same
    static IdleObjects<Cipher> of(Provider provider) {
        for (OfProvider one : all) {
            if (one.provider().get() == provider) {
                return one.ciphers();
            }
        }
        return add(provider);
    }

    @SuppressWarnings("ReferenceEquality") // as above
    private static synchronized IdleObjects<Cipher> add(Provider provider) {
        List<OfProvider> known = new ArrayList<>(all);
        known.removeIf(one -> one.provider().get() == null);
        for (OfProvider one : known) {
            if (one.provider().get() == provider) {
                return one.ciphers();
            }
        }
        if (known.size() == MAX_PROVIDERS) {
            known.remove(0);
        }
        OfProvider added = new OfProvider(new WeakReference<>(provider), new IdleObjects<>());
        known.add(added);
        all = List.copyOf(known);
        return added.ciphers();
    }
}
