package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.keystore.file.ForeignStore;
import dev.kmsenvelope.keystore.file.StoreCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.bouncycastle.asn1.ASN1InputStream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;

/** The kinds of files that entries are taken over from. */
enum SourceType {
    PKCS12,
    JKS,
    JCEKS,
    BCFKS,
    PEM;

    /** Tells by how a file looks. */
    static SourceType of(byte[] content) throws SourceException {
        if (StoreCodec.hasMagic(content)) {
            throw new UsageException("the source is a keystore file of type KMS already: keytool -importkeystore copies"
                    + " entries from one to another, and cp the whole file");
        }
        String kind = ForeignStore.kind(content).orElse("");
        if (kind.equals(JKS.name()) || kind.equals(JCEKS.name())) {
            return valueOf(kind);
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
        throw new SourceException("the source is none of PKCS12, JKS, JCEKS, BCFKS and PEM as it looks, or damaged;"
                + " --source-type says what it is");
    }
}
