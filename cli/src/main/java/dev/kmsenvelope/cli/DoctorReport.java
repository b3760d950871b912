package dev.kmsenvelope.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.kmsenvelope.kms.AccessCheck.Operation;
import dev.kmsenvelope.kms.AccessCheck.Outcome;
import dev.kmsenvelope.kms.AccessCheck.Verdict;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What {@code doctor} says: the findings as text and as JSON. */
final class DoctorReport {

    private final Diagnosis found;
    private final DoctorFigures figures;

    DoctorReport(Diagnosis found, DoctorFigures figures) {
        this.found = found;
        this.figures = figures;
    }

    List<String> toLines() {
        List<String> lines = new ArrayList<>();
        line(lines, "Program", "kms-envelope " + Version.ofProgram());
        line(lines, "Java", Version.ofJava() + ", " + Version.ofSystem());
        if (found.isInstalled()) {
            line(
                    lines,
                    "Provider",
                    KmsEnvelopeProvider.NAME + " is number " + found.position() + " of " + found.providers()
                            + " security providers");
        } else {
            line(lines, "Provider", KmsEnvelopeProvider.NAME + " is not in the list of security providers; to add it:");
            line(lines, "", "security.provider." + (found.providers() + 1) + "=" + KmsEnvelopeProvider.NAME);
            line(lines, "", "in java.security, or Security.addProvider(new KmsEnvelopeProvider())");
        }
        line(lines, "Raw keys", "AES/GCM/NoPadding is served by " + found.rawKey());
        if (found.handle() != null) {
            line(lines, "KMS keys", "AES/GCM/NoPadding is served by " + found.handle() + unregistered());
        }
        line(lines, "Engine", found.engine() + " " + found.engineVersion());
        line(lines, "Backend", found.backend() + (found.directory() == null ? "" : ", " + found.directory()));
        figures.lines().forEach((label, text) -> line(lines, label, text));
        found.keys().forEach(check -> line(lines, "Key", keyLine(check)));
        accessTable().forEach(row -> line(lines, "", row));
        found.keys()
                .forEach(check -> check.access().forEach((operation, outcome) -> {
                    if (!outcome.allowed()) {
                        line(lines, "", finding(name(check), name(operation), outcome));
                    }
                }));
        if (found.failure() != null) {
            line(lines, "Keys", "BROKEN: " + found.failure());
        } else if (found.keys().isEmpty()) {
            line(lines, "Keys", "none yet; create one with: kms-envelope key create alias/NAME");
        }
        return lines;
    }

    /** What was tried, with the operations that at least one key is for. */
    private List<String> accessTable() {
        List<KeyCheck> tried =
                found.keys().stream().filter(check -> !check.access().isEmpty()).toList();
        if (tried.isEmpty()) {
            return List.of();
        }
        List<Operation> operations = Arrays.stream(Operation.values())
                .filter(operation ->
                        tried.stream().anyMatch(check -> check.access().containsKey(operation)))
                .toList();
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("WHAT THIS IDENTITY MAY DO"));
        operations.forEach(operation -> head.add(name(operation)));
        rows.add(head);
        for (KeyCheck check : tried) {
            List<String> row = new ArrayList<>(List.of(name(check)));
            for (Operation operation : operations) {
                Outcome outcome = check.access().get(operation);
                row.add(outcome == null ? "-" : cell(outcome.verdict()));
            }
            rows.add(row);
        }
        return Text.table(rows);
    }

    private static String finding(String key, String operation, Outcome outcome) {
        return (outcome.verdict() == Verdict.UNKNOWN
                        ? "it is not known whether " + key + " may " + operation
                        : key + " may not " + operation)
                + ": " + outcome.reason();
    }

    private static String cell(Verdict verdict) {
        return switch (verdict) {
            case ALLOWED -> "yes";
            case REFUSED -> "NO";
            case UNKNOWN -> "?";
        };
    }

    private static String name(Operation operation) {
        return operation.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String name(KeyCheck check) {
        return check.key().aliases().isEmpty()
                ? check.key().id().value()
                : check.key().aliases().stream().map(KeyId::value).collect(Collectors.joining(", "));
    }

    /** Nobody is no fault then, and looks like one. */
    private String unregistered() {
        return found.isInstalled() || !Diagnosis.NOBODY.equals(found.handle())
                ? ""
                : ", as the provider is not registered; these commands work without that";
    }

    private static void line(List<String> lines, String label, String value) {
        lines.add(String.format("%-9s %s", label, Text.oneLine(value)));
    }

    private static String keyLine(KeyCheck check) {
        String name = name(check);
        String state = check.key().state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        if (check.error() != null) {
            return name + ": " + state + ", BROKEN: " + check.error();
        }
        if (check.generateNanos() == 0) {
            return name + ": " + state + ", " + check.key().spec() + " for "
                    + check.key().usage();
        }
        return String.format(
                Locale.ROOT,
                "%s: %s, generates a data key in %.1f ms and decrypts it in %.1f ms",
                name,
                state,
                check.generateNanos() / 1e6,
                check.decryptNanos() / 1e6);
    }

    JsonObject toJson() {
        JsonObject provider = new JsonObject();
        provider.addProperty("name", KmsEnvelopeProvider.NAME);
        provider.addProperty("installed", found.isInstalled());
        provider.addProperty("position", found.position());
        provider.addProperty("providers", found.providers());
        JsonObject served = new JsonObject();
        served.addProperty("rawKey", found.rawKey());
        served.addProperty("kmsKey", found.handle());
        JsonObject backend = new JsonObject();
        backend.addProperty("name", found.backend());
        if (found.directory() != null) {
            backend.addProperty("directory", found.directory().toString());
        }
        if (found.failure() != null) {
            backend.addProperty("error", found.failure());
        }
        JsonArray keys = new JsonArray();
        found.keys().forEach(check -> keys.add(toJson(check)));
        JsonObject document = new JsonObject();
        document.addProperty("healthy", found.isHealthy());
        document.addProperty("version", Version.ofProgram());
        document.addProperty("java", Version.ofJava());
        document.addProperty("system", Version.ofSystem());
        document.add("provider", provider);
        document.add("aesGcmServedBy", served);
        document.addProperty("engine", found.engine());
        document.addProperty("engineVersion", found.engineVersion());
        document.add("backend", backend);
        document.add("cache", figures.cacheToJson());
        document.add("keyServiceCalls", figures.callsToJson());
        document.add("keys", keys);
        return document;
    }

    private static JsonObject toJson(KeyCheck check) {
        JsonArray aliases = new JsonArray();
        check.key().aliases().forEach(alias -> aliases.add(alias.value()));
        JsonObject object = new JsonObject();
        object.addProperty("id", check.key().id().value());
        object.add("aliases", aliases);
        object.addProperty("state", check.key().state().name());
        object.addProperty("spec", check.key().spec().name());
        object.addProperty("usage", check.key().usage().name());
        if (check.error() != null) {
            object.addProperty("error", check.error());
        } else if (check.generateNanos() > 0) {
            object.addProperty("generateMillis", check.generateNanos() / 1e6);
            object.addProperty("decryptMillis", check.decryptNanos() / 1e6);
        }
        JsonObject access = new JsonObject();
        check.access().forEach((operation, outcome) -> {
            JsonObject tried = new JsonObject();
            tried.addProperty("allowed", outcome.allowed());
            tried.addProperty("verdict", outcome.verdict().name());
            if (!outcome.allowed()) {
                tried.addProperty("reason", outcome.reason());
            }
            access.add(operation.name(), tried);
        });
        object.add("access", access);
        return object;
    }
}
