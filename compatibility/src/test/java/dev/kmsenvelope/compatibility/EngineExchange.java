package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Two engines that talk to each other without a network: a handshake, then a text each way. */
final class EngineExchange {

    private static final int MOST_ROUNDS = 100;

    private final End client;
    private final End server;

    /** An engine, what it sends, and what it has received. */
    private static final class End {
        private final SSLEngine engine;
        private final ByteBuffer text = ByteBuffer.wrap(Texts.bytes());
        private final ByteBuffer received;
        private final ByteBuffer sent;

        End(SSLEngine engine) {
            this.engine = engine;
            received = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
            sent = ByteBuffer.allocate(2 * engine.getSession().getPacketBufferSize());
        }

        void send() throws SSLException {
            engine.wrap(text, sent);
            runTasks();
        }

        void receive(End from) throws SSLException {
            from.sent.flip();
            engine.unwrap(from.sent, received);
            from.sent.compact();
            runTasks();
        }

        private void runTasks() {
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                engine.getDelegatedTask().run();
            }
        }

        boolean hasReceived() {
            return received.position() == Texts.bytes().length;
        }
    }

    private EngineExchange(SSLEngine client, SSLEngine server) {
        this.client = new End(client);
        this.server = new End(server);
    }

    static void run(SSLEngine client, SSLEngine server, String protocol) throws SSLException {
        EngineExchange exchange = new EngineExchange(client, server);
        exchange.run();
        assertThat(client.getSession().getProtocol()).isEqualTo(protocol);
        assertThat(server.getSession().getProtocol()).isEqualTo(protocol);
    }

    private void run() throws SSLException {
        for (int round = 0; !(client.hasReceived() && server.hasReceived()); round++) {
            assertThat(round).as("rounds").isLessThan(MOST_ROUNDS);
            client.send();
            server.send();
            client.receive(server);
            server.receive(client);
        }
        assertThat(client.received.flip()).isEqualTo(ByteBuffer.wrap(Texts.bytes()));
        assertThat(server.received.flip()).isEqualTo(ByteBuffer.wrap(Texts.bytes()));
    }
}
