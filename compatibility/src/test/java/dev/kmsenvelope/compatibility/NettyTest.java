package dev.kmsenvelope.compatibility;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;

/** Netty on the JDK's TLS engine. It copies a private key that it is given by itself into a keystore of its own. */
@Program(area = Area.TLS, name = "Netty, SSL provider JDK", of = SslContext.class)
class NettyTest {

    private static final String SETTING =
            "`SslContextBuilder.forServer(KeyManagerFactory)` in place of `forServer(PrivateKey, ...)`";

    @Check(
            what = "server, TLS 1.2 and 1.3",
            key = {HeldKey.SERVICE_RSA, HeldKey.SERVICE_EC})
    void server(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.worksWith(SETTING, KeyStoreException.class, () -> serveKey(keys, key), () -> serveKeyManager(keys, key));
    }

    @Check(
            what = "server, TLS 1.2 and 1.3",
            key = {HeldKey.FILE_RSA, HeldKey.FILE_EC})
    void serverWithTheKeyItself(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> {
            serveKey(keys, key);
            serveKeyManager(keys, key);
        });
    }

    private static void serveKey(TestKeys keys, HeldKey key) throws Exception {
        PrivateKey privateKey =
                (PrivateKey) TestKeys.load(keys.file(key)).getKey(TestKeys.TLS_ALIAS, TestKeys.PASSWORD.toCharArray());
        X509Certificate certificate = keys.certificate(key);
        serve(certificate, SslContextBuilder.forServer(privateKey, certificate));
    }

    private static void serveKeyManager(TestKeys keys, HeldKey key) throws Exception {
        KeyStore keyStore = TestKeys.load(keys.file(key));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keyStore, TestKeys.PASSWORD.toCharArray());
        serve(keys.certificate(key), SslContextBuilder.forServer(managers));
    }

    private static void serve(X509Certificate certificate, SslContextBuilder builder) throws Exception {
        TlsClient.exchange(
                certificate,
                protocol -> start(
                        builder.sslProvider(SslProvider.JDK).protocols(protocol).build()));
    }

    private static TlsServer start(SslContext tls) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Channel channel = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel accepted) {
                        accepted.pipeline().addLast(tls.newHandler(accepted.alloc()), new Greeting());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        return new TlsServer() {
            @Override
            public int port() {
                return ((InetSocketAddress) channel.localAddress()).getPort();
            }

            @Override
            public void stop() throws Exception {
                ChannelFuture unused = channel.close().sync();
                Future<?> unusedToo =
                        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
            }
        };
    }

    private static final class Greeting extends SimpleChannelInboundHandler<Object> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, Object request) {
            ChannelFuture unused = context.writeAndFlush(Unpooled.wrappedBuffer(Texts.bytes()))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }
}
