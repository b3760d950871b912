package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import jakarta.persistence.AttributeConverter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/** The converter that applications write for encrypted columns: twelve random bytes, then the ciphertext under them. */
@Program(area = Area.DATA, name = "Jakarta Persistence", of = AttributeConverter.class)
class AttributeConverterTest {

    private static final int IV_BYTES = 12;
    private static final int TAG_BYTES = 16;

    /** As it stands in applications; nothing in it knows of this library. */
    private static final class EncryptedText implements AttributeConverter<String, byte[]> {

        private final SecretKey key;
        private final SecureRandom random = new SecureRandom();

        EncryptedText(SecretKey key) {
            this.key = key;
        }

        @Override
        public byte[] convertToDatabaseColumn(String attribute) {
            try {
                byte[] iv = new byte[IV_BYTES];
                random.nextBytes(iv);
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
                cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(8 * TAG_BYTES, iv));
                byte[] ciphertext = cipher.doFinal(attribute.getBytes(StandardCharsets.UTF_8));
                byte[] column = Arrays.copyOf(iv, iv.length + ciphertext.length);
                System.arraycopy(ciphertext, 0, column, iv.length, ciphertext.length);
                return column;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public String convertToEntityAttribute(byte[] column) {
            try {
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
                cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(8 * TAG_BYTES, column, 0, IV_BYTES));
                return new String(cipher.doFinal(column, IV_BYTES, column.length - IV_BYTES), StandardCharsets.UTF_8);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Check(
            what = "AttributeConverter, iv‖ciphertext in a column that is wide enough for a message",
            key = HeldKey.SERVICE_AES)
    void wideColumn(Trial trial, TestKeys keys) throws Exception {
        trial.works(() -> {
            EncryptedText converter = new EncryptedText(keys.secret(HeldKey.SERVICE_AES));
            byte[] column = converter.convertToDatabaseColumn(Texts.TEXT);
            assertThat(converter.convertToEntityAttribute(column)).isEqualTo(Texts.TEXT);
            assertThat(converter.convertToDatabaseColumn(Texts.TEXT)).isNotEqualTo(column);
            assertThat(column).hasSizeGreaterThan(IV_BYTES + Texts.bytes().length + TAG_BYTES);
        });
    }

    @Check(
            what = "AttributeConverter, iv‖ciphertext in a column of the length that it has always had",
            key = HeldKey.FILE_GCM)
    void narrowColumn(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        EncryptedText converter = new EncryptedText(keys.secret(key));
        EncryptedText before = new EncryptedText(keys.inTheClear(key));
        trial.works(() -> {
            byte[] column = converter.convertToDatabaseColumn(Texts.TEXT);
            assertThat(converter.convertToEntityAttribute(column)).isEqualTo(Texts.TEXT);
            assertThat(column).hasSameSizeAs(before.convertToDatabaseColumn(Texts.TEXT));
        });
        trial.alsoOpenedBy(TestKeys.JDK, () -> {
            assertThat(before.convertToEntityAttribute(converter.convertToDatabaseColumn(Texts.TEXT)))
                    .isEqualTo(Texts.TEXT);
            assertThat(converter.convertToEntityAttribute(before.convertToDatabaseColumn(Texts.TEXT)))
                    .isEqualTo(Texts.TEXT);
        });
    }
}
