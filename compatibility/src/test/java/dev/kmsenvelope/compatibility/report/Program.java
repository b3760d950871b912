package dev.kmsenvelope.compatibility.report;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/** The tests of a class run this program, each of them with a {@link Trial} to say what came of it. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(TrialExtension.class)
public @interface Program {

    /** The section of the page. */
    Area area();

    /** The program's name. */
    String name();

    /** A class of it: the name of its jar has the version. */
    Class<?> of();
}
