package dev.kmsenvelope.local;

import dev.kmsenvelope.format.EncryptedDataKeyEntry;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Random;

/**
 * Another process that works with a key directory and prints each change after it was acknowledged: {@code created <id>},
 * {@code rotated <id>/<version>}, {@code encrypted <base64>}, and {@code done} at the end.
 */
final class StoreProcess {

    private StoreProcess() {}

    static Process start(Path directory, int changes, long seed, Path output) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreProcess.class.getName(),
                        directory.toString(),
                        Integer.toString(changes),
                        Long.toString(seed)))
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /**
     * Runs it.
     *
     * @param arguments directory, number of changes, seed
     */
    public static void main(String[] arguments) {
        Path directory = Path.of(arguments[0]);
        Random random = new Random(Long.parseLong(arguments[2]));
        StoreSettings settings = new StoreSettings(directory, null);
        LocalKeyAdministration admin = new LocalKeyAdministration(LocalStore.open(settings));
        LocalKeyService service = new LocalKeyService(LocalStore.open(settings));
        KeyId shared = KeyId.of("alias/shared");
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
            switch (random.nextInt(4)) {
                case 0 ->
                    print("created "
                            + admin.createKey(random.nextBoolean() ? KeySpec.SYMMETRIC_DEFAULT : KeySpec.ECC_NIST_P256)
                                    .id());
                case 1 -> print("rotated " + admin.rotate(shared).versions().size());
                default -> {
                    for (int j = 0; j < 40; j++) {
                        EncryptedDataKey encrypted = service.encrypt(shared, new byte[32], TestStore.CONTEXT);
                        print("encrypted "
                                + Base64.getEncoder().encodeToString(EncryptedDataKeyEntry.serialize(encrypted)));
                    }
                }
            }
        }
        print("done");
    }

    private static void print(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
