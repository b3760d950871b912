package dev.kmsenvelope.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.kms.KeyId;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyArnTest {

    private static final String PLAIN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final String MULTI = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";

    @ParameterizedTest
    @ValueSource(
            strings = {
                PLAIN,
                MULTI,
                "arn:aws-cn:kms:cn-north-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
            })
    void whatIsParsedIsWrittenTheSame(String arn) {
        KeyArn parsed = KeyArn.parse(arn).orElseThrow();
        assertThat(parsed).hasToString(arn);
        assertThat(parsed.id()).isEqualTo(KeyId.of(arn));
        assertThat(KeyArn.parse(arn.getBytes(StandardCharsets.UTF_8))).contains(parsed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "alias/orders",
                "1234abcd-12ab-34cd-56ef-1234567890ab",
                "arn:aws:kms:eu-west-1:111122223333:alias/orders",
                "arn:aws:kms:eu-west-1:111122223333:key/",
                "arn:aws:kms:eu-west-1:111122223333:key/a/b",
                "arn:aws:kms:eu-west-1:111122223333:key/a b",
                "arn:aws:kms:eu-west-1:111122223333:key/a\n",
                "arn:aws:kms:eu-west-1:111122223333:grant/a",
                "arn:aws:kms:eu-west-1:11112222333:key/a",
                "arn:aws:kms:eu-west-1::key/a",
                "arn:aws:kms::111122223333:key/a",
                "arn:aws:s3:eu-west-1:111122223333:key/a",
                "arn:azure:kms:eu-west-1:111122223333:key/a",
                "ARN:aws:kms:eu-west-1:111122223333:key/a",
                " arn:aws:kms:eu-west-1:111122223333:key/a",
                "arn:aws:kms:eu-west-1:111122223333:key/a:b",
                "arn:aws:kms:eu-west-1/../:111122223333:key/a",
                "arn:aws:kms:eu-west-1.evil.example:111122223333:key/a"
            })
    void anythingElseIsNoKey(String text) {
        assertThat(KeyArn.parse(text)).isEmpty();
        assertThat(KeyArn.parse(text.getBytes(StandardCharsets.UTF_8))).isEmpty();
    }

    @Test
    void bytesThatAreNoTextAreNoKey() {
        byte[] bytes = PLAIN.getBytes(StandardCharsets.UTF_8);
        bytes[bytes.length - 1] = (byte) 0xff;
        assertThat(KeyArn.parse(bytes)).isEmpty();
        assertThat(KeyArn.parse(new byte[65_535])).isEmpty();
        assertThat(KeyArn.parse((String) null)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        PLAIN + ", eu-west-1",
        "arn:aws:kms:us-west-2:111122223333:alias/a/b_c-d, us-west-2",
        "alias/orders, ",
        "1234abcd-12ab-34cd-56ef-1234567890ab, ",
        "arn:aws:kms:us-west-2:111122223333:other/a, "
    })
    void arnsTellTheirRegion(String name, String region) {
        assertThat(KeyArn.regionOf(KeyId.of(name)).orElse(null)).isEqualTo(region);
    }

    @Test
    void theArnOfAnAliasContainsIt() {
        assertThat(KeyArn.withoutArn(KeyId.of("arn:aws:kms:us-west-2:111122223333:alias/a/b")))
                .isEqualTo(KeyId.of("alias/a/b"));
        assertThat(KeyArn.withoutArn(KeyId.of("alias/a"))).isEqualTo(KeyId.of("alias/a"));
        assertThat(KeyArn.withoutArn(KeyId.of(PLAIN))).isEqualTo(KeyId.of(PLAIN));
    }

    @Test
    void onlyMultiRegionKeysHaveRelatives() {
        KeyArn plain = KeyArn.parse(PLAIN).orElseThrow();
        KeyArn multi = KeyArn.parse(MULTI).orElseThrow();
        assertThat(plain.in("us-west-2")).isEqualTo(plain);
        assertThat(multi.in("us-west-2")).hasToString(MULTI.replace("eu-west-1", "us-west-2"));
        assertThat(multi.in("us-west-2").isRelatedTo(multi)).isTrue();
        assertThat(multi.isRelatedTo(multi)).isTrue();
        assertThat(plain.isRelatedTo(plain)).isTrue();
        assertThat(plain.isRelatedTo(multi)).isFalse();
        assertThat(new KeyArn("aws", "us-west-2", "111122223333", plain.key()).isRelatedTo(plain))
                .isFalse();
        assertThat(new KeyArn("aws", "us-west-2", "999922223333", multi.key()).isRelatedTo(multi))
                .as("of another account")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1"})
    void anotherPartitionHasNoRelatives(String region) {
        KeyArn multi = KeyArn.parse(MULTI).orElseThrow();
        assertThat(multi.in(region)).isEqualTo(multi);
    }
}
