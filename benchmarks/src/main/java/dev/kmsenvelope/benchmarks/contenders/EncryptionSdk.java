package dev.kmsenvelope.benchmarks.contenders;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CommitmentPolicy;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.CryptoMaterialsManager;
import com.amazonaws.encryptionsdk.caching.CachingCryptoMaterialsManager;
import com.amazonaws.encryptionsdk.caching.LocalCryptoMaterialsCache;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import software.amazon.cryptography.materialproviders.IKeyring;
import software.amazon.cryptography.materialproviders.MaterialProviders;
import software.amazon.cryptography.materialproviders.model.AesWrappingAlg;
import software.amazon.cryptography.materialproviders.model.CreateRawAesKeyringInput;
import software.amazon.cryptography.materialproviders.model.MaterialProvidersConfig;

/** How the AWS Encryption SDK is set up: as its documentation does, with the limits that this library's cache has by default. */
final class EncryptionSdk {

    private static final int CACHE_ENTRIES = 1000;
    private static final long MAX_AGE_MINUTES = 5;
    private static final long MAX_MESSAGES = 1L << 20;
    private static final long MAX_BYTES = 64L << 30;

    private EncryptionSdk() {}

    static AwsCrypto committing() {
        return with(CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY);
    }

    static AwsCrypto signing() {
        return with(CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384);
    }

    private static AwsCrypto with(CryptoAlgorithm suite) {
        return AwsCrypto.builder()
                .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
                .withEncryptionAlgorithm(suite)
                .build();
    }

    static CryptoMaterialsManager cachingManager() {
        return CachingCryptoMaterialsManager.newBuilder()
                .withMasterKeyProvider(JceMasterKey.getInstance(
                        MasterKey.key(), MasterKey.NAMESPACE, MasterKey.NAME, "AES/GCM/NoPadding"))
                .withCache(new LocalCryptoMaterialsCache(CACHE_ENTRIES))
                .withMaxAge(MAX_AGE_MINUTES, TimeUnit.MINUTES)
                .withMessageUseLimit(MAX_MESSAGES)
                .withByteUseLimit(MAX_BYTES)
                .build();
    }

    static IKeyring keyring() {
        return MaterialProviders.builder()
                .MaterialProvidersConfig(MaterialProvidersConfig.builder().build())
                .build()
                .CreateRawAesKeyring(CreateRawAesKeyringInput.builder()
                        .keyNamespace(MasterKey.NAMESPACE)
                        .keyName(MasterKey.NAME)
                        .wrappingKey(ByteBuffer.wrap(MasterKey.bytes()))
                        .wrappingAlg(AesWrappingAlg.ALG_AES256_GCM_IV12_TAG16)
                        .build());
    }
}
