package dev.kmsenvelope.compatibility.report;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;

/** A test that gives one row of the page for each key, and runs once for each: the one that it has as a parameter. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
public @interface Check {

    /** What the program does. */
    String what();

    /** The keys that it does it with. */
    HeldKey[] key();
}
