package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConvertTest {

    private static final String OUTER = "alias/outer";
    private static final String NEW = "alias/new";
    private static final List<String> KINDS = List.of("esdk", "tink", "stream", "dual", "s3ec");

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeEach
    void makeKeys() throws IOException {
        cli = new Cli(directory).withKey();
        cli.run("key", "create", OUTER).ok();
        cli.run("key", "create", NEW).ok();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private String path(String name) {
        return cli.file(name).toString();
    }

    /** How a message is read that was written under a key in a way. */
    private List<String> from(String kind, String key) {
        return switch (kind) {
            case "esdk" -> List.of();
            case "tink" -> List.of("--from", "tink", "--from-key", key);
            case "stream" -> List.of("--from-tink-keyset", path(key.substring(6) + ".keyset"), "--from-key", key);
            case "dual" -> List.of("--from-key", key, "--from-outer-key", OUTER);
            default -> List.of("--from-metadata", path(key.substring(6) + ".json"), "--from-key", key);
        };
    }

    private List<String> to(String kind, String key) {
        return switch (kind) {
            case "esdk" -> List.of("--to", "esdk", "--key", key);
            case "tink" -> List.of("--to", "tink", "--key", key);
            case "stream" -> toStream(key);
            case "dual" -> List.of("--to", "dual", "--key", key, "--outer-key", OUTER);
            default -> List.of("--to", "s3ec", "--key", key, "--force", "--metadata", path(key.substring(6) + ".json"));
        };
    }

    private List<String> toStream(String key) {
        String keyset = path(key.substring(6) + ".keyset");
        List<String> options = new ArrayList<>(List.of("--to", "tink", "--key", key, "--tink-keyset", keyset));
        if (!Files.exists(Path.of(keyset))) {
            options.addAll(List.of("--tink-template", "AES256_GCM_HKDF_4KB"));
        }
        return options;
    }

    private Cli.Result convert(byte[] message, List<String> from, List<String> to, String... more) {
        List<String> all = new ArrayList<>(List.of("convert"));
        all.addAll(from);
        all.addAll(to);
        all.addAll(List.of(more));
        return cli.run(message, all.toArray(String[]::new));
    }

    private byte[] encrypted(byte[] text, String... more) {
        List<String> all = new ArrayList<>(List.of("encrypt", "--key", Cli.KEY));
        all.addAll(List.of(more));
        return cli.run(text, all.toArray(String[]::new)).ok().out();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 150_000})
    @DisplayName("Each format to each, itself too, from one key to another")
    void pairs(int size) {
        byte[] text = random(size);
        byte[] message = encrypted(text);
        for (String from : KINDS) {
            byte[] old = convert(message, from("esdk", Cli.KEY), to(from, Cli.KEY))
                    .ok()
                    .out();
            for (String to : KINDS) {
                Cli.Result fresh =
                        convert(old, from(from, Cli.KEY), to(to, NEW)).ok();
                assertThat(fresh.err()).isEmpty();
                byte[] last = convert(fresh.out(), from(to, NEW), to("esdk", Cli.KEY))
                        .ok()
                        .out();
                assertThat(cli.run(last, "decrypt", "-k", Cli.KEY).ok().out())
                        .as("%s to %s", from, to)
                        .isEqualTo(text);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5 * 1024 * 1024 + 1})
    @DisplayName("Through all formats, one after the other, by files")
    void files(int size) throws IOException {
        cli.configure("decrypt.hold = 8MiB");
        byte[] text = random(size);
        String file = cli.message("start", text).toString();
        String kind = "esdk";
        for (String next : List.of("tink", "stream", "dual", "s3ec", "esdk")) {
            String target = path("message." + next);
            List<String> all = new ArrayList<>(List.of("convert", file, "-o", target));
            all.addAll(from(kind, Cli.KEY));
            all.addAll(to(next, Cli.KEY));
            assertThat(cli.run(all.toArray(String[]::new)).ok().out()).isEmpty();
            file = target;
            kind = next;
        }
        assertThat(cli.run("decrypt", "-o", "-", file).ok().out()).isEqualTo(text);
        assertThat(cli.listing())
                .containsExactly(
                        "message.dual",
                        "message.esdk",
                        "message.s3ec",
                        "message.stream",
                        "message.tink",
                        "orders.json",
                        "orders.keyset",
                        "start");
    }

    @Test
    @DisplayName("The encryption context is kept, replaced, or dropped; a format without does not lose it unasked")
    void context() {
        byte[] message = encrypted(new byte[9], "--context", "tenant=a");
        for (String kind : List.of("esdk", "dual", "s3ec")) {
            byte[] kept = convert(message, List.of(), to(kind, NEW)).ok().out();
            convert(kept, from(kind, NEW), to("esdk", NEW), "--from-context", "tenant=b")
                    .failed(ExitCode.MESSAGE, "context");
            byte[] back = convert(kept, from(kind, NEW), to("esdk", NEW), "--from-context", "tenant=a")
                    .ok()
                    .out();
            assertThat(contextOf(back)).isEqualTo("{\"tenant\":\"a\"}");
            byte[] other = convert(message, List.of(), to(kind, NEW), "--context", "tenant=b")
                    .ok()
                    .out();
            assertThat(contextOf(convert(other, from(kind, NEW), to("esdk", NEW))
                            .ok()
                            .out()))
                    .isEqualTo("{\"tenant\":\"b\"}");
            byte[] dropped = convert(message, List.of(), to(kind, NEW), "--drop-context")
                    .ok()
                    .out();
            assertThat(contextOf(convert(dropped, from(kind, NEW), to("esdk", NEW))
                            .ok()
                            .out()))
                    .isEqualTo("{}");
        }
        for (String kind : List.of("tink", "stream")) {
            convert(message, List.of(), to(kind, NEW)).failed(ExitCode.MESSAGE, "the new message", "--drop-context");
            assertThat(cli.file("new.keyset")).doesNotExist();
            convert(message, List.of(), to(kind, NEW), "--drop-context").ok();
            convert(message, List.of(), to(kind, NEW), "--context", "a=b").failed(ExitCode.USAGE, "--context");
        }
    }

    private static String contextOf(byte[] message) {
        JsonObject report = JsonParser.parseString(
                        Cli.bare(message, "inspect", "--json").ok().text())
                .getAsJsonObject();
        return String.valueOf(report.get("encryptionContext"));
    }

    @Test
    @DisplayName("Associated data is kept, replaced, or left out, and never lost unasked")
    void associatedData() throws IOException {
        byte[] message = encrypted(new byte[9], "--aad", "x");
        String aad = cli.write("aad", "x".getBytes(StandardCharsets.UTF_8)).toString();
        convert(message, List.of(), to("tink", NEW)).failed(ExitCode.MESSAGE);
        byte[] tink = convert(message, List.of("--from-aad", "x"), to("tink", NEW))
                .ok()
                .out();
        convert(tink, from("tink", NEW), to("esdk", NEW)).failed(ExitCode.MESSAGE);
        convert(tink, from("tink", NEW), to("esdk", NEW), "--from-aad-file", aad)
                .ok();
        byte[] other = convert(message, List.of("--from-aad", "x"), to("dual", NEW), "--aad", "y")
                .ok()
                .out();
        convert(other, from("dual", NEW), to("esdk", NEW), "--from-aad", "y").ok();
        byte[] none = convert(message, List.of("--from-aad", "x"), to("esdk", NEW), "--aad", "")
                .ok()
                .out();
        assertThat(cli.run(none, "decrypt").ok().out()).isEqualTo(new byte[9]);
        convert(message, List.of("--from-aad", "x"), to("s3ec", NEW)).failed(ExitCode.USAGE, "--aad ''");
        convert(message, List.of("--from-aad", "x"), to("s3ec", NEW), "--aad", "")
                .ok();
    }

    @Test
    @DisplayName("Whatever is damaged, no file appears, nor one beside it, and none is replaced")
    void damaged() throws IOException {
        cli.write("kept", new byte[] {1});
        cli.write("kept.json", new byte[] {2});
        byte[] message = encrypted(random(300_000));
        for (String kind : KINDS) {
            byte[] old = convert(message, List.of(), to(kind, Cli.KEY)).ok().out();
            List<String> before = cli.listing();
            List<byte[]> damaged = new ArrayList<>(List.of(
                    Arrays.copyOf(old, old.length - 1),
                    Arrays.copyOf(old, old.length + 1),
                    Arrays.copyOf(old, old.length / 2)));
            for (int at : new int[] {old.length - 1, old.length / 2, 30}) {
                byte[] flipped = old.clone();
                flipped[at] ^= 1;
                damaged.add(flipped);
            }
            for (byte[] bad : damaged) {
                List<String> from = kind.equals("esdk") ? List.of("--from", "esdk") : from(kind, Cli.KEY);
                convert(bad, from, to("esdk", NEW), "-o", path("target")).failed(ExitCode.MESSAGE);
                convert(bad, from, List.of("--to", "esdk", "-k", NEW), "-o", path("kept"), "--force")
                        .failed(ExitCode.MESSAGE);
                List<String> object = List.of("--to", "s3ec", "-k", NEW, "--metadata", path("object.json"));
                convert(bad, from, object, "-o", path("target")).failed(ExitCode.MESSAGE);
                List<String> stream = List.of("--to", "tink", "-k", NEW, "--tink-keyset", path("fresh.keyset"));
                convert(bad, from, stream, "-o", path("target"), "--tink-template", "AES128_GCM_HKDF_4KB")
                        .failed(ExitCode.MESSAGE);
                assertThat(cli.listing()).isEqualTo(before);
                assertThat(cli.read("kept")).containsExactly(1);
            }
        }
    }

    @Test
    @DisplayName("Keys of the old and of the new message are told apart when they are missing, wrong or disabled")
    void keys() throws IOException {
        String message = cli.message("data.enc", new byte[9]).toString();
        String target = path("target");
        cli.run("convert", message, "-o", target, "--to", "esdk", "-k", "new").failed(4, "did you mean " + NEW);
        cli.run("convert", message, "-o", target, "--to", "esdk", "-k", "alias/none")
                .failed(4, "the new message: ", "alias/none");
        cli.run("convert", message, "-o", target, "--to", "esdk", "-k", NEW, "--from-key", "orders")
                .failed(4, "did you mean " + Cli.KEY);
        cli.run("convert", message, "-o", target, "--to", "esdk", "-k", NEW, "--from-key", OUTER)
                .failed(3, "data.enc");
        cli.run("key", "disable", NEW).ok();
        cli.run("convert", message, "-o", target, "--to", "esdk", "-k", NEW).failed(4, "the new message: ");
        cli.run("key", "enable", NEW).ok();
        cli.run("key", "disable", Cli.KEY).ok();
        Cli.Result disabled = cli.run("convert", message, "-o", target, "--to", "esdk", "-k", NEW)
                .failed(4, "disabled");
        assertThat(disabled.err()).doesNotContain("the new message");
        assertThat(cli.listing()).containsExactly("data.enc");
    }

    @Test
    @DisplayName(
            "Files: none is written that is read or is there already; a target in a folder that is not there fails")
    void sameFiles() throws IOException {
        String message = cli.message("data.enc", new byte[9]).toString();
        byte[] before = cli.read("data.enc");
        String json = path("data.json");
        String target = path("target");
        String[] to = {"--to", "esdk", "-k", NEW};
        run(to, message).failed(ExitCode.USAGE, "-o");
        run(to, message, "-f", "-o", message).failed(ExitCode.USAGE, "the output is the input");
        String[] object = {"--to", "s3ec", "-k", NEW};
        run(object, message, "-o", target).failed(ExitCode.USAGE, "--metadata");
        run(object, message, "-f", "-o", target, "--metadata", message).failed(ExitCode.USAGE, "is the input");
        run(object, message, "-f", "-o", target, "--metadata", target).failed(ExitCode.USAGE, "one file");
        run(object, message, "-o", target, "--metadata", json).ok();
        run(object, message, "-o", target, "--metadata", path("other")).failed(ExitCode.IO, "exists already");
        run(object, message, "-o", path("other"), "--metadata", json).failed(ExitCode.IO, "exists already");
        run(to, target, "--from-metadata", json, "--from-key", NEW, "-f", "-o", json)
                .failed(ExitCode.USAGE, "is the input");
        run(to, message, "-o", path("no/target")).failed(ExitCode.IO, "no such file");
        run(to, path("missing"), "-o", path("other")).failed(ExitCode.IO, "no such file");
        assertThat(cli.listing()).containsExactly("data.enc", "data.json", "target");
        assertThat(cli.read("data.enc")).isEqualTo(before);
    }

    private Cli.Result run(String[] to, String... arguments) {
        List<String> all = new ArrayList<>(List.of("convert"));
        all.addAll(List.of(arguments));
        all.addAll(List.of(to));
        return cli.run(all.toArray(String[]::new));
    }

    @Test
    @DisplayName("Options that the formats have no place for, and formats that the bytes do not tell")
    void usage() throws IOException {
        byte[] message = encrypted(new byte[9]);
        String[] esdk = {"--to", "esdk", "-k", NEW};
        String[] tink = {"--to", "tink", "-k", NEW};
        String file = cli.write("data", message).toString();
        run(esdk, file, "-o", "-", "--outer-key", OUTER).failed(2, "--outer-key");
        run(esdk, file, "-o", "-", "--metadata", path("m")).failed(2, "--metadata");
        run(esdk, file, "-o", "-", "--tink-key-id", "1").failed(2, "tink");
        run(esdk, file, "-o", "-", "--from-metadata", file).failed(2, "--from-key");
        run(esdk, file, "-o", "-", "--from-outer-key", OUTER).failed(2, "--from-outer-key");
        run(esdk, file, "-o", "-", "--from", "tink").failed(2, "--from-key");
        run(esdk, file, "-o", "-", "--from", "xml").failed(2, "'xml'", "esdk, tink, dual, s3ec");
        run(esdk, file, "-o", "-", "--frame-length", "0").failed(2, "--frame-length");
        run(tink, file, "-o", "-", "--frame-length", "9").failed(2, "--frame-length");
        run(tink, file, "-o", "-", "--recipient", OUTER).failed(2, "--recipient");
        run(tink, file, "-o", "-", "--tink-key-id", "4294967296").failed(2, "--tink-key-id");
        run(tink, file, "-o", "-", "--tink-template", "AES256_GCM_HKDF_1MB").failed(2, "--tink-keyset");
        run(tink, file, "-o", "-", "--tink-key-id", "1", "--tink-keyset", file).failed(2, "exclude each other");
        run(tink, file, "-o", "-", "--tink-keyset", file).failed(2, "--tink-keyset");
        run(tink, file, "-o", "-", "--tink-keyset", file, "--tink-template", "AES256_GCM_HKDF_1MB")
                .failed(2, "already");
        String cut = cli.write("cut", new byte[] {2, 4, 0x78}).toString();
        run(esdk, cut, "-o", "-").failed(ExitCode.MESSAGE, "cut", "it has 3 bytes, too few for any format");
        String empty = cli.write("empty", new byte[0]).toString();
        run(esdk, empty, "-o", "-").failed(ExitCode.MESSAGE, "empty: it is empty");
        run(esdk, path("data"), "-o", "-", "--from", "s3ec", "--from-key", NEW).failed(2, "--from-metadata");
        run(new String[] {"--to", "s3ec", "-k", NEW}, file, "-o", "-", "--metadata", "-")
                .failed(2, "--metadata names a file");
        cli.run("convert", file, "-o", "-", "-k", NEW).failed(2, "--to");
        cli.run("convert", file, "-o", "-", "--to", "esdk").failed(2, "--key");
        String text =
                cli.write("text", "no message".getBytes(StandardCharsets.UTF_8)).toString();
        run(esdk, text, "-o", "-").failed(2, "--from");
        run(esdk, file, "-o", "-", "--from-metadata", text, "--from-key", NEW)
                .failed(3, "the metadata in", "malformed");
        run(esdk, file, "-o", "-", "--from", "dual", "--from-key", NEW, "--from-outer-key", OUTER)
                .failed(3, "data");
    }

    @Test
    @DisplayName("Of two that make one keyset at once, one is refused, with --force too: its message would never open")
    void oneKeysetOnly() throws Exception {
        String file = cli.write("data", encrypted(new byte[100_000])).toString();
        List<CompletableFuture<Cli.Result>> both = Stream.of("one", "two")
                .map(name -> CompletableFuture.supplyAsync(() -> run(
                        new String[] {"--to", "tink", "-k", NEW},
                        file,
                        "-f",
                        "-o",
                        path(name),
                        "--tink-keyset",
                        path("keyset"),
                        "--tink-template",
                        "AES256_GCM_HKDF_4KB")))
                .toList();
        List<Integer> codes = new ArrayList<>();
        for (CompletableFuture<Cli.Result> each : both) {
            codes.add(each.get().code());
        }
        assertThat(codes).containsOnlyOnce(ExitCode.OK);
        String written = codes.get(0) == ExitCode.OK ? "one" : "two";
        cli.run("cat", "-k", NEW, "--tink-keyset", path("keyset"), path(written))
                .ok();
        assertThat(Files.exists(Path.of(path(written.equals("one") ? "two" : "one"))))
                .isFalse();
    }

    @Test
    @DisplayName("The prefix of a key of Tink is written, and a keyset with associated data needs them")
    void tink() {
        byte[] message = encrypted(new byte[9]);
        byte[] prefixed = convert(message, List.of(), to("tink", NEW), "--tink-key-id", "4294967295")
                .ok()
                .out();
        assertThat(Arrays.copyOf(prefixed, 5)).containsExactly(1, -1, -1, -1, -1);
        convert(prefixed, from("tink", NEW), to("esdk", NEW)).ok();
        byte[] stream = convert(message, List.of(), to("stream", NEW), "--tink-keyset-aad", "id")
                .ok()
                .out();
        convert(stream, from("stream", NEW), to("esdk", NEW)).failed(3, "keyset");
        convert(stream, from("stream", NEW), to("esdk", NEW), "--from-tink-keyset-aad", "id")
                .ok();
    }

    @Test
    @DisplayName("cat reads parts of a stream of Tink by its keyset")
    void partsOfStreams() throws IOException {
        byte[] text = random(50_000);
        String file = path("stream");
        convert(encrypted(text), List.of(), to("stream", NEW), "-o", file, "--aad", "x")
                .ok();
        String[] cat = {"cat", "--tink-keyset", path("new.keyset"), "-k", NEW, "--aad", "x", "-r", "4000-9999", file};
        assertThat(cli.run(cat).ok().out()).isEqualTo(Arrays.copyOfRange(text, 4000, 10_000));
        cli.run("cat", "--tink-keyset", path("new.keyset"), "-k", NEW, file).failed(3, "stream");
        cli.run("cat", "--tink-keyset", path("new.keyset"), file).failed(2, "--key");
        cli.run("cat", "--tink-keyset", path("new.keyset"), "-k", NEW, "--context", "a=b", file)
                .failed(2, "--context");
        cli.run("cat", "--tink-keyset-aad", "x", "-k", NEW, file).failed(2, "--tink-keyset");
        byte[] changed = Files.readAllBytes(Path.of(file));
        changed[5000] ^= 1;
        Files.write(Path.of(file), changed);
        cli.run(cat).failed(3, "segment 1");
        changed[5000] ^= 1;
        Files.write(Path.of(file), Arrays.copyOf(changed, changed.length - 1));
        cli.run(cat).failed(3, "stream");
    }
}
