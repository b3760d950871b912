package dev.kmsenvelope.dual;

import dev.kmsenvelope.kms.EncryptionContext;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a dual-layer message: an AWS Encryption SDK message whose plaintext is another one.
 *
 * <pre>
 * message = outer:  header | frames of ( inner:  header | frames of plaintext )
 * </pre>
 *
 * Both layers are messages of version 2 with suite 0478 and framed, as {@link dev.kmsenvelope.format.MessageHeader} and {@link
 * dev.kmsenvelope.format.BodyLayout} say, and besides:
 *
 * <ul>
 *   <li>The encryption context of each has the pair {@value EncryptionContext#LAYER_NAME} = {@code outer} or {@code inner}.
 *       Every other pair of the outer one stands in the inner one too.
 *   <li>The last 16 bytes of both message ids are the same, random or ending with the caller's IV. The first 16 are random,
 *       for each layer its own.
 *   <li>The data keys differ. They are from two requests, by default to two keys.
 *   <li>The caller's associated data, if there is any, is in the header's tag of both.
 *   <li>The outer message ends with the inner one, and nothing follows either.
 * </ul>
 */
public enum Layer {
    /** What encrypts the inner layer's message. */
    OUTER,
    /** What encrypts the plaintext. */
    INNER;

    /** A context and the same with the mark. */
    private record Marked(EncryptionContext plain, EncryptionContext marked) {}

    /** The last ones: to make them takes as long as to encrypt some kilobytes, and they are mostly the same again. */
    @SuppressWarnings("ImmutableEnumChecker") // nobody can tell but by the time it takes
    private volatile @Nullable Marked last;

    Layer other() {
        return this == OUTER ? INNER : OUTER;
    }

    private String mark() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The encryption context of this layer's message.
     *
     * @param context that of both, without a mark
     * @return it with this layer's mark
     * @throws IllegalArgumentException if it gets too long
     */
    public EncryptionContext marked(EncryptionContext context) {
        Marked known = last;
        if (known != null && known.plain().equals(context)) {
            return known.marked();
        }
        EncryptionContext marked =
                context.plus(EncryptionContext.ofMessage(Map.of(EncryptionContext.LAYER_NAME, mark())));
        if (!marked.equals(context)) {
            last = new Marked(context, marked);
        }
        return marked;
    }

    /**
     * The encryption context of both layers.
     *
     * @param context that of this layer's message
     * @return it without the mark
     */
    EncryptionContext unmarked(EncryptionContext context) {
        Marked known = last;
        if (known != null && known.marked().equals(context)) {
            return known.plain();
        }
        Map<String, String> pairs = new LinkedHashMap<>(context.asMap());
        pairs.remove(EncryptionContext.LAYER_NAME);
        return EncryptionContext.ofMessage(pairs);
    }
}
