package dev.kmsenvelope.telemetry;

import java.util.Comparator;

/**
 * One operation of one key service.
 *
 * @param service the name of the service: its backend's, such as {@code aws}, or the one under which a further service is
 *     configured
 * @param operation what it was asked to do
 */
public record KmsCallKind(String service, KmsOperation operation) implements Comparable<KmsCallKind> {

    private static final Comparator<KmsCallKind> ORDER =
            Comparator.comparing(KmsCallKind::service).thenComparing(KmsCallKind::operation);

    @Override
    public int compareTo(KmsCallKind other) {
        return ORDER.compare(this, other);
    }
}
