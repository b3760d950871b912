package dev.kmsenvelope.compatibility.report;

import dev.kmsenvelope.compatibility.TestKeys;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.security.Security;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Registers the provider behind all others, gives tests their keys and their trial, and collects what they found. */
public final class TrialExtension
        implements BeforeAllCallback, AfterEachCallback, ParameterResolver, TestTemplateInvocationContextProvider {

    private static final Namespace NAMESPACE = Namespace.create(TrialExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        if (Security.getProvider(KmsEnvelopeProvider.NAME) == null) {
            Security.addProvider(new KmsEnvelopeProvider());
        }
        if (context.getRequiredTestClass().isAnnotationPresent(Program.class)) {
            outcomes(context).started(context.getRequiredTestClass());
        }
    }

    /** One run of a check. */
    private record Run(HeldKey key) implements TestTemplateInvocationContext {

        @Override
        public String getDisplayName(int number) {
            return key.description();
        }

        @Override
        public void prepareInvocation(ExtensionContext context) {
            context.getStore(NAMESPACE).put(HeldKey.class, key);
        }
    }

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return context.getRequiredTestMethod().isAnnotationPresent(Check.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        return Stream.of(context.getRequiredTestMethod()
                        .getAnnotation(Check.class)
                        .key())
                .map(Run::new);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Trial.class || type == HeldKey.class || type == TestKeys.class || type == Outcomes.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == Trial.class) {
            return context.getStore(NAMESPACE).computeIfAbsent(Trial.class, key -> new Trial(), Trial.class);
        }
        if (type == HeldKey.class) {
            return context.getStore(NAMESPACE).get(HeldKey.class, HeldKey.class);
        }
        if (type == TestKeys.class) {
            return ofTheRun(context).computeIfAbsent(TestKeys.class, key -> TestKeys.create(), TestKeys.class);
        }
        return outcomes(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Check check = context.getRequiredTestMethod().getAnnotation(Check.class);
        if (check == null || context.getExecutionException().isPresent()) {
            return;
        }
        Trial trial = context.getStore(NAMESPACE).get(Trial.class, Trial.class);
        HeldKey key = context.getStore(NAMESPACE).get(HeldKey.class, HeldKey.class);
        Program program = context.getRequiredTestClass().getAnnotation(Program.class);
        if (trial == null || program == null) {
            throw new IllegalStateException("a check needs a trial and a program");
        }
        outcomes(context).add(trial.outcome(program, check.what(), key));
    }

    private static Outcomes outcomes(ExtensionContext context) {
        return ofTheRun(context).computeIfAbsent(Outcomes.class, key -> new Outcomes(), Outcomes.class);
    }

    /** What lives as long as the run; JUnit closes what can be closed at its end. */
    private static Store ofTheRun(ExtensionContext context) {
        return context.getRoot().getStore(NAMESPACE);
    }
}
