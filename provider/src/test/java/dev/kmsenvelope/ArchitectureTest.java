package dev.kmsenvelope;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.crypto.Cipher;

/** Which package may know which: provider, then the formats but one, engine, then format, dek and crypto, then kms, and never upwards. */
@AnalyzeClasses(packages = "dev.kmsenvelope", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "dev.kmsenvelope.";
    private static final String[] EXPORTED = in("config", "hierarchy", "kms", "provider", "spi", "telemetry");

    private static final DescribedPredicate<JavaClass> INTERNAL =
            resideInAPackage(ROOT + ".").and(not(resideInAnyPackage(EXPORTED)));

    private static String[] in(String... names) {
        return Arrays.stream(names).map(name -> ROOT + name + "..").toArray(String[]::new);
    }

    private static ArchRule onlyKnows(String name, String... others) {
        String[] allowed =
                in(Stream.concat(Stream.of(name), Arrays.stream(others)).toArray(String[]::new));
        return noClasses()
                .that()
                .resideInAPackage(ROOT + name + "..")
                .should()
                .dependOnClassesThat(resideInAPackage(ROOT + ".").and(not(resideInAnyPackage(allowed))));
    }

    @ArchTest
    static final ArchRule KMS = onlyKnows("kms");

    @ArchTest
    static final ArchRule CRYPTO = onlyKnows("crypto");

    @ArchTest
    static final ArchRule CONFIG = onlyKnows("config", "kms");

    @ArchTest
    static final ArchRule SPI = onlyKnows("spi", "kms", "config", "metering", "telemetry");

    @ArchTest
    static final ArchRule TELEMETRY = onlyKnows("telemetry", "kms");

    @ArchTest
    static final ArchRule METERING = onlyKnows("metering", "telemetry", "kms");

    @ArchTest
    static final ArchRule FORMAT = onlyKnows("format", "kms");

    @ArchTest
    static final ArchRule DEK = onlyKnows("dek", "crypto", "kms", "config");

    @ArchTest
    static final ArchRule KEYRING = onlyKnows("keyring", "kms", "format", "crypto");

    @ArchTest
    static final ArchRule FILES = onlyKnows("files");

    @ArchTest
    static final ArchRule TEXT = onlyKnows("text");

    @ArchTest
    static final ArchRule HIERARCHY = onlyKnows(
            "hierarchy", "keyring", "files", "format", "dek", "crypto", "kms", "config", "spi", "metering", "text");

    @ArchTest
    static final ArchRule ENGINE = onlyKnows("engine", "format", "dek", "crypto", "kms", "config");

    @ArchTest
    static final ArchRule TINK = onlyKnows("tink", "engine", "format", "dek", "crypto", "kms", "text");

    @ArchTest
    static final ArchRule DUAL = onlyKnows("dual", "engine", "format", "dek", "crypto", "kms", "config");

    @ArchTest
    static final ArchRule S3 = onlyKnows("s3", "engine", "format", "dek", "crypto", "kms", "config");

    @ArchTest
    static final ArchRule NOBODY_BELOW_KNOWS_THE_BACKENDS = noClasses()
            .that()
            .resideInAnyPackage(in(
                    "provider",
                    "tink",
                    "dual",
                    "engine",
                    "s3",
                    "format",
                    "dek",
                    "crypto",
                    "files",
                    "text",
                    "keyring",
                    "kms",
                    "config",
                    "spi",
                    "metering",
                    "telemetry"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(in("local", "application", "hierarchy"));

    @ArchTest
    static final ArchRule FORMATS_DO_NO_CRYPTOGRAPHY = noClasses()
            .that()
            .resideInAnyPackage(in("format", "kms", "config", "spi"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("javax.crypto", "javax.crypto.spec", "org.bouncycastle..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.kmsenvelope.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule CIPHERS = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + "crypto.AesGcm")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + "crypto.AesCiphers")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + "crypto.GcmEncryption")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + "crypto.GcmDecryption")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + "crypto.CbcDecryption")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + "crypto.GcmProvider")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + "crypto.RsaOaep")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + "crypto.RawRsa")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + "provider.PassThroughOperation")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + "provider.KmsCipherSpi")
            .should()
            .callMethodWhere(target(owner(assignableTo(Cipher.class))))
            .because("constants of Cipher may be named everywhere, its methods are for few");

    @ArchTest
    static final ArchRule EXPORTED_TYPES_SHOW_NO_INTERNAL_ONES = methods()
            .that()
            .arePublic()
            .and()
            .areDeclaredInClassesThat()
            .arePublic()
            .and()
            .areDeclaredInClassesThat()
            .resideInAnyPackage(EXPORTED)
            .should(new ArchCondition<>("name types of exported packages only") {
                @Override
                public void check(JavaMethod method, ConditionEvents events) {
                    Stream.concat(
                                    Stream.of(method.getReturnType()),
                                    Stream.concat(
                                            method.getParameterTypes().stream(), method.getExceptionTypes().stream()))
                            .flatMap(type -> type.getAllInvolvedRawTypes().stream())
                            .filter(INTERNAL)
                            .forEach(type -> events.add(SimpleConditionEvent.violated(
                                    method, method.getFullName() + " names " + type.getName())));
                }
            });

    @ArchTest
    static final ArchRule NO_SUPER_TYPES_FROM_INSIDE = noClasses()
            .that()
            .arePublic()
            .and()
            .resideInAnyPackage(EXPORTED)
            .should()
            .beAssignableTo(INTERNAL);
}
