package dev.kmsenvelope.contract;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.kmsenvelope.aws.MotoServer;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeySpec;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** The backend for AWS KMS keeps the contract with {@code moto_server}, where that is installed, but for moto's own faults. */
class AwsMotoContractTest extends KeyServiceContract {

    private static final Set<ServerFault> FAULTS = EnumSet.allOf(ServerFault.class);

    private MotoServer moto;
    private AwsCredentialsProperties credentials;

    @Override
    void start() throws Exception {
        moto = MotoServer.start();
        credentials = new AwsCredentialsProperties("contract");
    }

    @Override
    void stop() {
        if (moto != null) {
            credentials.close();
            moto.close();
        }
    }

    @Override
    Configuration configuration() {
        return Configuration.of(Map.of("aws.alias-max-age", "0s")).orElse(moto.settings());
    }

    @Override
    public void unlessFaulty(ServerFault fault) {
        if (FAULTS.contains(fault)) {
            abort("moto_server does that otherwise than AWS: " + fault);
        }
    }

    @Override
    public Set<Feature> features() {
        return EnumSet.complementOf(
                EnumSet.of(Feature.ALIAS_HISTORY, Feature.ALL_VERSIONS, Feature.LOOKS_ARNS_UP, Feature.VERSION_OF));
    }

    @Override
    public Set<KeySpec> specs() {
        return EnumSet.of(
                KeySpec.SYMMETRIC_DEFAULT,
                KeySpec.RSA_2048,
                KeySpec.ECC_NIST_P256,
                KeySpec.HMAC_224,
                KeySpec.HMAC_256,
                KeySpec.HMAC_384,
                KeySpec.HMAC_512);
    }
}
