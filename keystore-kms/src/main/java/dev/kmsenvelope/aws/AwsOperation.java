package dev.kmsenvelope.aws;

/** The requests that are made, by the names of the APIs of AWS KMS and of DynamoDB. */
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
    DYNAMODB_GET_ITEM("GetItem", "dynamodb:GetItem on the table", AwsOperation.DYNAMODB),
    DYNAMODB_QUERY("Query", "dynamodb:Query on the table", AwsOperation.DYNAMODB),
    DYNAMODB_SCAN("Scan", "dynamodb:Scan on the table", AwsOperation.DYNAMODB),
    DYNAMODB_TRANSACT_WRITE_ITEMS("TransactWriteItems", "dynamodb:PutItem on the table", AwsOperation.DYNAMODB),
    ENABLE_KEY("EnableKey"),
    ENABLE_KEY_ROTATION("EnableKeyRotation"),
    ENCRYPT("Encrypt"),
    GENERATE_DATA_KEY("GenerateDataKey"),
    GENERATE_DATA_KEY_PAIR("GenerateDataKeyPair"),
    GENERATE_DATA_KEY_WITHOUT_PLAINTEXT("GenerateDataKeyWithoutPlaintext"),
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

    private static final String DYNAMODB = "Amazon DynamoDB";

    private final String api;
    private final String permission;
    private final String service;

    AwsOperation(String api) {
        this(api, "kms:" + api);
    }

    AwsOperation(String api, String permission) {
        this(api, permission, "AWS KMS");
    }

    AwsOperation(String api, String permission, String service) {
        this.api = api;
        this.permission = permission;
        this.service = service;
    }

    /** Which service offers it, for people. */
    String service() {
        return service;
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
