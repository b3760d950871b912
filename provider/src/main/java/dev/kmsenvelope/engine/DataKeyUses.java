package dev.kmsenvelope.engine;

import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.format.AlgorithmSuite;
import java.util.EnumMap;
import java.util.Map;

/** What the data keys of each algorithm suite are used for. */
final class DataKeyUses {

    private static final Map<AlgorithmSuite, DataKeyUse> ALL = new EnumMap<>(AlgorithmSuite.class);

    static {
        for (AlgorithmSuite suite : AlgorithmSuite.values()) {
            ALL.put(suite, new DataKeyUse(suite.id(), suite.dataKeyLength(), suite.derivesKeys()));
        }
    }

    private DataKeyUses() {}

    /**
     * To write a message. One that is signed has a public key of its own in its context, which its data key is bound to: so
     * that data key is of use for no other message, and keeping it would only push out others.
     */
    static DataKeyUse forWriting(AlgorithmSuite suite) {
        return suite.isSigned() ? new DataKeyUse(suite.id(), suite.dataKeyLength(), false) : of(suite);
    }

    static DataKeyUse of(AlgorithmSuite suite) {
        return ALL.getOrDefault(suite, new DataKeyUse(suite.id(), suite.dataKeyLength(), false));
    }
}
