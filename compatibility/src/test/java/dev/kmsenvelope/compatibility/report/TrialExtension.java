package dev.kmsenvelope.compatibility.report;

import dev.kmsenvelope.compatibility.TestKeys;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.security.Security;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Registers the provider behind all others, gives tests their keys and their trial, and collects what they found. */
public final class TrialExtension implements BeforeAllCallback, AfterEachCallback, ParameterResolver {

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

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Trial.class || type == TestKeys.class || type == Outcomes.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == Trial.class) {
            return context.getStore(NAMESPACE).computeIfAbsent(Trial.class, key -> new Trial(), Trial.class);
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
        Program program = context.getRequiredTestClass().getAnnotation(Program.class);
        if (trial == null || program == null) {
            throw new IllegalStateException("a check needs a trial and a program");
        }
        outcomes(context).add(trial.outcome(program, check));
    }

    private static Outcomes outcomes(ExtensionContext context) {
        return ofTheRun(context).computeIfAbsent(Outcomes.class, key -> new Outcomes(), Outcomes.class);
    }

    /** What lives as long as the run; JUnit closes what can be closed at its end. */
    private static Store ofTheRun(ExtensionContext context) {
        return context.getRoot().getStore(NAMESPACE);
    }
}
