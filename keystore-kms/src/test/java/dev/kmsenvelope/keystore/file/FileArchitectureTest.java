package dev.kmsenvelope.keystore.file;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.kmsenvelope.keystore.StoreFileException;

@AnalyzeClasses(packages = "dev.kmsenvelope", importOptions = DoNotIncludeTests.class)
class FileArchitectureTest {

    private static final String FILE = "dev.kmsenvelope.keystore.file";

    /** But for the exception, which callers of the keystore must be able to name. */
    @ArchTest
    static final ArchRule THE_FILE_KNOWS_NO_KEYSTORE = noClasses()
            .that()
            .resideInAPackage(FILE)
            .should()
            .dependOnClassesThat(resideInAnyPackage("dev.kmsenvelope.keystore", "dev.kmsenvelope.aws..")
                    .and(not(belongToAnyOf(StoreFileException.class))));

    /** What the file holds needs no key service; only what seals and wraps does. */
    @ArchTest
    static final ArchRule ONLY_SEALING_AND_WRAPPING_ASK_THE_SERVICE = noClasses()
            .that()
            .resideInAPackage(FILE)
            .and()
            .haveSimpleNameNotStartingWith("StoreSeal")
            .and()
            .haveSimpleNameNotStartingWith("StoreWrapping")
            .and()
            .haveSimpleNameNotStartingWith("PrivateKeyMessages")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("dev.kmsenvelope.kms.KeyService");

    @ArchTest
    static final ArchRule JSON_STAYS_WHERE_IT_IS_READ_AND_WRITTEN = noClasses()
            .that()
            .resideInAPackage(FILE)
            .and()
            .haveSimpleNameNotStartingWith("StoreReader")
            .and()
            .haveSimpleNameNotStartingWith("StoreWriter")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.google.gson..");

    private FileArchitectureTest() {}
}
