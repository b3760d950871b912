package dev.kmsenvelope.provider;

import java.security.ProviderException;

/**
 * A {@link MessageConversion} could not begin or go on with the new message. The old one is not at fault, nor is the output.
 */
public final class ConversionException extends ProviderException {

    private static final long serialVersionUID = 1L;

    ConversionException(Exception cause) {
        super("the new message: " + cause.getMessage(), cause);
    }
}
