package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1InputStream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;

/** The kinds of files that entries are taken over from. */
enum SourceType {
    PKCS12,
    JKS,
    BCFKS,
    PEM;

    private static final byte[] JKS_MAGIC = {(byte) 0xFE, (byte) 0xED, (byte) 0xFE, (byte) 0xED};

    /** Tells by how a file looks. */
    static SourceType of(byte[] content) {
        if (content.length >= JKS_MAGIC.length
                && Arrays.equals(content, 0, JKS_MAGIC.length, JKS_MAGIC, 0, JKS_MAGIC.length)) {
            return JKS;
        }
        if (new String(content, StandardCharsets.ISO_8859_1).contains("-----BEGIN ")) {
            return PEM;
        }
        try (ASN1InputStream in = new ASN1InputStream(content)) {
            if (in.readObject() instanceof ASN1Sequence sequence && sequence.size() > 0) {
                return sequence.getObjectAt(0) instanceof ASN1Integer ? PKCS12 : BCFKS;
            }
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            // said below
        }
        throw new UsageException(
                "the source is none of PKCS12, JKS, BCFKS and PEM as it looks; --source-type says what" + " it is");
    }
}
