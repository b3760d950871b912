package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.testing.kms.RequestLog;
import java.security.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.kms.KmsClient;

/** RULES 14: which keys of AWS KMS open a message, when an alias moves, and in which Region. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AwsStrictDecryptionTest {

    private static final String ALIAS = "alias/orders";
    private static final String ELSEWHERE = "us-west-2";

    private final LoopbackAccount account = new LoopbackAccount();
    private final RequestLog log = account.server().log();
    private KeyId old;
    private KeyId next;

    @BeforeEach
    void createKeys() {
        try (KeyAdministration keys = account.administration()) {
            old = keys.createKey(dev.kmsenvelope.kms.KeySpec.SYMMETRIC_DEFAULT).id();
            next = keys.createKey(dev.kmsenvelope.kms.KeySpec.SYMMETRIC_DEFAULT).id();
            boolean first = keys.list().stream().allMatch(key -> key.aliases().isEmpty());
            if (first) {
                keys.createAlias(KeyId.of(ALIAS), old);
            } else {
                keys.updateAlias(KeyId.of(ALIAS), old);
            }
        }
        log.clear();
    }

    @AfterAll
    void close() {
        account.close();
    }

    private void repoint() {
        try (KeyAdministration keys = account.administration()) {
            keys.updateAlias(KeyId.of(ALIAS), next);
        }
    }

    private Key handle(Map<String, String> settings) throws Exception {
        return account.load(settings).getKey(ALIAS, null);
    }

    private byte[] sealedAnew() throws Exception {
        return Fixture.seal(handle(Map.of()));
    }

    @Test
    @DisplayName("A process that only decrypts notices a re-pointed alias within aws.alias-max-age, and not before")
    void decryptOnly() throws Exception {
        Map<String, String> reader = Map.of("key." + ALIAS + ".usage", "decrypt", "aws.alias-max-age", "1d");
        Key remembering = handle(reader);
        Key forgetful = handle(Map.of("key." + ALIAS + ".usage", "decrypt", "aws.alias-max-age", "1s"));
        byte[] before = sealedAnew();
        assertThat(Fixture.open(remembering, before)).isEqualTo(Fixture.TEXT);
        assertThat(Fixture.open(forgetful, before)).isEqualTo(Fixture.TEXT);
        repoint();
        byte[] after = sealedAnew();
        assertThatThrownBy(() -> Fixture.open(remembering, after)).isInstanceOf(AEADBadTagException.class);
        assertThat(Fixture.open(remembering, before)).isEqualTo(Fixture.TEXT);

        Instant end = Instant.now().plus(Duration.ofSeconds(30));
        while (!opens(forgetful, after) && Instant.now().isBefore(end)) {
            Thread.sleep(50);
        }
        assertThat(Fixture.open(forgetful, after)).isEqualTo(Fixture.TEXT);
        assertThatThrownBy(() -> Fixture.open(forgetful, before)).isInstanceOf(AEADBadTagException.class);
    }

    private static boolean opens(Key key, byte[] sealed) throws Exception {
        try {
            Fixture.open(key, sealed);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        }
    }

    @Test
    @DisplayName("One that encrypts writes for the new key at once, and reads by it from then on")
    void encrypting() throws Exception {
        Key key = handle(Map.of("aws.alias-max-age", "1d"));
        byte[] before = Fixture.seal(key);
        repoint();
        byte[] after = Fixture.seal(key);
        log.clear();
        assertThat(Fixture.open(key, after)).isEqualTo(Fixture.TEXT);
        assertThat(log.all())
                .singleElement()
                .satisfies(request -> assertThat(request.key()).contains(next.value()));
        log.clear();
        assertThatThrownBy(() -> Fixture.open(key, before)).isInstanceOf(AEADBadTagException.class);
        assertThat(log.count()).isZero();
    }

    @Test
    @DisplayName("Messages under the former key open with decrypt-keys, and by a request under that key")
    void decryptKeys() throws Exception {
        byte[] before = sealedAnew();
        repoint();
        Key strict = handle(Map.of());
        assertThatThrownBy(() -> Fixture.open(strict, before)).isInstanceOf(AEADBadTagException.class);
        Key key = handle(Map.of("key." + ALIAS + ".decrypt-keys", old.value()));
        log.clear();
        assertThat(Fixture.open(key, before)).isEqualTo(Fixture.TEXT);
        assertThat(log.all()).extracting(RequestLog.Request::operation).containsExactly("Decrypt");
        assertThat(log.all().get(0).key()).contains(old.value());
        byte[] after = Fixture.seal(key);
        assertThat(Fixture.open(strict, after)).as("nothing is written for it").isEqualTo(Fixture.TEXT);
    }

    @Test
    @DisplayName("A message for another key is refused before any request is made")
    void strict() throws Exception {
        byte[] foreign = sealedAnew();
        Key byAlias = handle(Map.of());
        repoint();
        Key byNewAlias = handle(Map.of());
        Key byArn = account.load().getKey(next.value(), null);
        log.clear();
        for (Key key : new Key[] {byNewAlias, byArn}) {
            assertThatThrownBy(() -> Fixture.open(key, foreign)).isInstanceOf(AEADBadTagException.class);
        }
        assertThat(log.count()).isZero();
        assertThat(Fixture.open(byAlias, foreign)).isEqualTo(Fixture.TEXT);
    }

    @Test
    @DisplayName("Discovery needs the account; with another account, or another partition, nothing is asked")
    void discovery() throws Exception {
        byte[] foreign = sealedAnew();
        repoint();
        String accounts = "key." + ALIAS + ".discovery.accounts";
        Key discovering = handle(Map.of(accounts, LoopbackAccount.ACCOUNT));
        Key otherAccount = handle(Map.of(accounts, "444455556666"));
        Key otherPartition =
                handle(Map.of(accounts, LoopbackAccount.ACCOUNT, "key." + ALIAS + ".discovery.partition", "aws-cn"));
        assertThat(Fixture.open(discovering, foreign)).isEqualTo(Fixture.TEXT);
        log.clear();
        for (Key key : new Key[] {otherAccount, otherPartition}) {
            assertThatThrownBy(() -> Fixture.open(key, foreign)).isInstanceOf(AEADBadTagException.class);
        }
        assertThat(log.count("Decrypt")).isZero();
    }

    @Test
    @DisplayName("A multi-Region message opens by the replica of the reader's Region, and by no other one")
    void multiRegion() throws Exception {
        String id;
        try (KmsClient here = account.client(LoopbackAccount.REGION);
                KmsClient there = account.client(ELSEWHERE)) {
            id = here.createKey(request -> request.multiRegion(true))
                    .keyMetadata()
                    .keyId();
            here.replicateKey(request -> request.keyId(id).replicaRegion(ELSEWHERE));
            byte[] sealed = Fixture.seal(account.load().getKey(id, null));
            String primary = "arn:aws:kms:" + LoopbackAccount.REGION + ":" + LoopbackAccount.ACCOUNT + ":key/" + id;
            String replica = "arn:aws:kms:" + ELSEWHERE + ":" + LoopbackAccount.ACCOUNT + ":key/" + id;

            Map<String, String> reader = Map.of("aws.region", ELSEWHERE);
            Key byId = account.load(reader).getKey(id, null);
            Key byPrimary = account.load(reader).getKey(primary, null);
            for (Key key : new Key[] {byId, byPrimary}) {
                log.clear();
                assertThat(Fixture.open(key, sealed)).isEqualTo(Fixture.TEXT);
                assertThat(log.all()).extracting(RequestLog.Request::operation).containsExactly("Decrypt");
                assertThat(log.all().get(0).key()).contains(replica);
            }
            here.disableKey(request -> request.keyId(id));
            assertThat(Fixture.open(byId, sealed)).isEqualTo(Fixture.TEXT);
            here.enableKey(request -> request.keyId(id));
            there.disableKey(request -> request.keyId(id));
            log.clear();
            assertThatThrownBy(() -> Fixture.open(byId, sealed)).isInstanceOf(KeyDisabledException.class);
            assertThat(log.all())
                    .allSatisfy(request -> assertThat(request.key()).contains(replica));

            Map<String, String> third = Map.of("aws.region", "ap-south-1");
            assertThat(account.load(third).getKey(id, null))
                    .as("no replica there")
                    .isNull();
            Key across = account.load(third).getKey(primary, null);
            assertThat(Fixture.open(across, sealed))
                    .as("by the Region that is named")
                    .isEqualTo(Fixture.TEXT);
        }
    }
}
