package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyStore.Entry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.KeyStoreException;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What exceptions say of aliases. */
class KeyStoreAliasTest extends KeyStoreFileCase {

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "\u001b[31mred", "a\u202eb"})
    void whatATerminalWouldActOnIsEscaped(String alias) {
        Entry wrong = new SecretKeyEntry(AES, Set.of(new KmsEntryAttribute(KmsEntryAttribute.MAX_MESSAGES, "0")));
        List<ThrowingCallable> calls = List.of(
                () -> keyStore.setKeyEntry(alias, null, null, null),
                () -> keyStore.setEntry(alias, wrong, null),
                () -> keyStore.deleteEntry(alias + "@1"),
                () -> keyStore.setKeyEntry(alias + "@1", AES, null, null));
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call)
                    .isInstanceOf(KeyStoreException.class)
                    .message()
                    .matches("[ -~]+")
                    .contains("\\u");
        }
    }

    @Test
    void anAliasThatIsNullIsAMistakeInTheProgram() throws Exception {
        List<ThrowingCallable> calls = List.of(
                () -> keyStore.getKey(null, null),
                () -> keyStore.isKeyEntry(null),
                () -> keyStore.isCertificateEntry(null),
                () -> keyStore.containsAlias(null),
                () -> keyStore.getCertificate(null),
                () -> keyStore.getCertificateChain(null),
                () -> keyStore.getCreationDate(null),
                () -> keyStore.setKeyEntry(null, AES, null, null),
                () -> keyStore.setCertificateEntry(null, Pairs.certificate(Pairs.ec(), "x")),
                () -> keyStore.deleteEntry(null));
        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call).isInstanceOf(NullPointerException.class).hasMessageContaining("alias");
        }
        assertThat(keyStore.size()).isZero();
    }
}
