package dev.kmsenvelope.provider;

import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DirectDataKeySource;
import dev.kmsenvelope.dek.MultiRecipientDataKeySource;
import dev.kmsenvelope.dek.ServiceKey;
import dev.kmsenvelope.engine.Authority;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.spi.KeyServices;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The keys behind a handle: its own, those that messages are encrypted for besides, and those that open messages besides.
 *
 * @param own the handle's own key
 * @param recipients for whom else messages are encrypted
 * @param readers whose messages are opened besides those of the own key
 * @param discovery allows further keys of the own key's service to open messages that name them
 */
record HandleKeys(
        ServiceKey own, List<ServiceKey> recipients, List<ServiceKey> readers, Optional<DiscoveryFilter> discovery) {

    /** As the settings say. */
    static HandleKeys of(KeyServices services, ServiceKey own, FurtherKeys further) {
        return new HandleKeys(
                own,
                further.recipients().stream()
                        .map(key -> new ServiceKey(services.of(key), key.key()))
                        .toList(),
                Stream.concat(further.decryptKeys().stream(), further.recipients().stream())
                        .filter(key -> !further.writeOnly().contains(key))
                        .map(key -> new ServiceKey(services.of(key), key.key()))
                        .toList(),
                further.discovery());
    }

    HandleKeys plus(List<ServiceKey> moreRecipients, List<ServiceKey> moreReaders) {
        return new HandleKeys(own, union(recipients, moreRecipients), union(readers, moreReaders), discovery);
    }

    private static List<ServiceKey> union(List<ServiceKey> some, List<ServiceKey> others) {
        return Stream.concat(some.stream(), others.stream()).distinct().toList();
    }

    /** The same keys, of services that are seen in another way. */
    HandleKeys seenThrough(UnaryOperator<KeyService> view) {
        return new HandleKeys(
                seenThrough(own, view),
                recipients.stream().map(key -> seenThrough(key, view)).toList(),
                readers.stream().map(key -> seenThrough(key, view)).toList(),
                discovery);
    }

    private static ServiceKey seenThrough(ServiceKey key, UnaryOperator<KeyService> view) {
        return new ServiceKey(view.apply(key.service()), key.id());
    }

    /** Asks the services for each message. */
    DataKeySource forWriting() {
        DataKeySource first = new DirectDataKeySource(own.service());
        return recipients.isEmpty() ? first : new MultiRecipientDataKeySource(first, own.service(), recipients);
    }

    /** One authority per service: its keys are looked up together. */
    List<Authority> forReading() {
        Map<KeyService, List<KeyId>> byService = new LinkedHashMap<>();
        byService.computeIfAbsent(own.service(), service -> new ArrayList<>()).add(own.id());
        for (ServiceKey key : readers) {
            byService
                    .computeIfAbsent(key.service(), service -> new ArrayList<>())
                    .add(key.id());
        }
        Predicate<KeyId> none = key -> false;
        List<Authority> authorities = new ArrayList<>();
        byService.forEach((service, keys) -> authorities.add(new Authority(
                service,
                new DirectDataKeySource(service),
                keys,
                discovery.isPresent() && service.equals(own.service()) ? discovery.get() : none)));
        return authorities;
    }
}
