package dev.kmsenvelope.aws;

/** The requests that are made, by the names of the AWS KMS API. */
enum AwsOperation {
    CREATE_ALIAS("CreateAlias"),
    CREATE_KEY("CreateKey"),
    CANCEL_KEY_DELETION("CancelKeyDeletion"),
    DECRYPT("Decrypt"),
    DELETE_ALIAS("DeleteAlias"),
    DERIVE_SHARED_SECRET("DeriveSharedSecret"),
    DESCRIBE_KEY("DescribeKey"),
    DISABLE_KEY("DisableKey"),
    DISABLE_KEY_ROTATION("DisableKeyRotation"),
    ENABLE_KEY("EnableKey"),
    ENABLE_KEY_ROTATION("EnableKeyRotation"),
    ENCRYPT("Encrypt"),
    GENERATE_DATA_KEY("GenerateDataKey"),
    GENERATE_DATA_KEY_PAIR("GenerateDataKeyPair"),
    GENERATE_MAC("GenerateMac"),
    GENERATE_RANDOM("GenerateRandom"),
    GET_KEY_ROTATION_STATUS("GetKeyRotationStatus"),
    GET_PUBLIC_KEY("GetPublicKey"),
    LIST_ALIASES("ListAliases"),
    LIST_KEY_ROTATIONS("ListKeyRotations"),
    LIST_KEYS("ListKeys"),
    RE_ENCRYPT("ReEncrypt", "kms:ReEncryptFrom on the old key and kms:ReEncryptTo on the new one"),
    ROTATE_KEY_ON_DEMAND("RotateKeyOnDemand"),
    SCHEDULE_KEY_DELETION("ScheduleKeyDeletion"),
    SIGN("Sign"),
    UPDATE_ALIAS("UpdateAlias", "kms:UpdateAlias on the alias and on both keys");

    private final String api;
    private final String permission;

    AwsOperation(String api) {
        this(api, "kms:" + api);
    }

    AwsOperation(String api, String permission) {
        this.api = api;
        this.permission = permission;
    }

    /** What an identity needs for it. */
    String permission() {
        return permission;
    }

    @Override
    public String toString() {
        return api;
    }
}
