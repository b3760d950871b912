package dev.kmsenvelope.compatibility;

import jakarta.servlet.Servlet;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** A Spring Boot application as it stands in production: it serves HTTPS, and its settings say with which keystore. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class HttpsApplication {

    /** What it says before the number of its port. */
    static final String ANNOUNCEMENT = "serves HTTPS on port ";

    /** Starts it. */
    public static void main(String[] arguments) {
        ConfigurableApplicationContext context = SpringApplication.run(HttpsApplication.class, arguments);
        System.out.println(ANNOUNCEMENT + context.getEnvironment().getRequiredProperty("local.server.port"));
    }

    @Bean
    Servlet greeting() {
        return new GreetingServlet();
    }
}
