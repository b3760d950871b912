package dev.kmsenvelope.aws;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.kmsenvelope", importOptions = DoNotIncludeTests.class)
class AwsArchitectureTest {

    @ArchTest
    static final ArchRule ONLY_THE_BACKEND_SEES_THE_SDK = noClasses()
            .that()
            .resideOutsideOfPackage("dev.kmsenvelope.aws")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("software.amazon..");

    @ArchTest
    static final ArchRule NOBODY_DEPENDS_ON_THE_BACKEND = noClasses()
            .that()
            .resideOutsideOfPackage("dev.kmsenvelope.aws")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.kmsenvelope.aws..");

    /** What opens the service must not load the SDK, so it must not mention it. */
    @ArchTest
    static final ArchRule OPENING_NEEDS_NOTHING_OF_THE_SDK = noClasses()
            .that()
            .haveSimpleName("AwsBackendFactory")
            .or()
            .haveSimpleName("AwsKeyService")
            .or()
            .haveSimpleName("AwsKeyAdministration")
            .or()
            .haveSimpleName("AwsSettings")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("software.amazon..");

    private AwsArchitectureTest() {}
}
