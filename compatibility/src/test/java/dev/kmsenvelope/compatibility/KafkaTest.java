package dev.kmsenvelope.compatibility;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

/** The engines that Kafka's brokers and clients use unless told otherwise, made from Kafka's own settings. */
@Program(area = Area.TLS, name = "Apache Kafka, DefaultSslEngineFactory", of = DefaultSslEngineFactory.class)
class KafkaTest {

    @Check(
            what = "broker, TLS 1.2 and 1.3",
            key = {HeldKey.SERVICE_RSA, HeldKey.SERVICE_EC, HeldKey.FILE_RSA, HeldKey.FILE_EC})
    void broker(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> serve(keys, key));
    }

    private static void serve(TestKeys keys, HeldKey key) throws Exception {
        Path trusted = keys.scratch("kafka").resolve(key + ".p12");
        try (OutputStream out = Files.newOutputStream(trusted)) {
            TlsClient.trustStore(keys.certificate(key)).store(out, TestKeys.PASSWORD.toCharArray());
        }
        for (String protocol : TlsClient.PROTOCOLS) {
            try (DefaultSslEngineFactory broker = factory(Map.of(
                            SslConfigs.SSL_KEYSTORE_TYPE_CONFIG,
                            "KMS",
                            SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG,
                            keys.file(key).toString(),
                            SslConfigs.SSL_KEYSTORE_PASSWORD_CONFIG,
                            TestKeys.PASSWORD,
                            SslConfigs.SSL_ENABLED_PROTOCOLS_CONFIG,
                            protocol));
                    DefaultSslEngineFactory client = factory(Map.of(
                            SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG,
                            "PKCS12",
                            SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG,
                            trusted.toString(),
                            SslConfigs.SSL_TRUSTSTORE_PASSWORD_CONFIG,
                            TestKeys.PASSWORD))) {
                EngineExchange.run(
                        client.createClientSslEngine("localhost", 9093, ""),
                        broker.createServerSslEngine("localhost", 9093),
                        protocol);
            }
        }
    }

    private static DefaultSslEngineFactory factory(Map<String, String> settings) {
        DefaultSslEngineFactory factory = new DefaultSslEngineFactory();
        factory.configure(new ConfigDef().withClientSslSupport().parse(settings));
        return factory;
    }
}
