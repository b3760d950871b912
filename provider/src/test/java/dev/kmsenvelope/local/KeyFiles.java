package dev.kmsenvelope.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;

/** Key files that nobody writes, in well-formed DER. */
final class KeyFiles {

    private KeyFiles() {}

    /** The key file with another length of the tag in the parameters of AES-GCM. */
    static byte[] withTagLength(byte[] file, BigInteger length) {
        return encode(change(parse(file), element -> isTagLength(element) ? new ASN1Integer(length) : element));
    }

    private static boolean isTagLength(ASN1Encodable element) {
        return element instanceof ASN1Integer number && number.hasValue(16);
    }

    /** A ContentInfo with SEQUENCEs in SEQUENCEs. */
    static byte[] deeplyNested(int depth) {
        byte[] backwards = new byte[6 * depth];
        int length = 0;
        for (int i = 0; i < depth; i++) {
            byte[] head = head(0x30, length);
            for (int j = head.length - 1; j >= 0; j--) {
                backwards[length++] = head[j];
            }
        }
        byte[] type = encode(CMSObjectIdentifiers.authEnvelopedData);
        byte[] tag = head(0xa0, length);
        byte[] outer = head(0x30, type.length + tag.length + length);
        byte[] file = new byte[outer.length + type.length + tag.length + length];
        System.arraycopy(outer, 0, file, 0, outer.length);
        System.arraycopy(type, 0, file, outer.length, type.length);
        System.arraycopy(tag, 0, file, outer.length + type.length, tag.length);
        for (int i = 0; i < length; i++) {
            file[file.length - 1 - i] = backwards[i];
        }
        return file;
    }

    private static byte[] head(int tag, int length) {
        if (length < 0x80) {
            return new byte[] {(byte) tag, (byte) length};
        }
        if (length < 0x100) {
            return new byte[] {(byte) tag, (byte) 0x81, (byte) length};
        }
        if (length < 0x10000) {
            return new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        }
        return new byte[] {(byte) tag, (byte) 0x83, (byte) (length >> 16), (byte) (length >> 8), (byte) length};
    }

    /** The key file with a few elements replaced, left out or added. */
    static byte[] mutate(byte[] file, Random random) {
        return encode(change(parse(file), element -> random.nextInt(30) == 0 ? any(random) : element));
    }

    private static ASN1Encodable any(Random random) {
        return switch (random.nextInt(9)) {
            case 0 -> DERNull.INSTANCE;
            case 1 -> new ASN1Integer(new BigInteger(random.nextInt(90), random));
            case 2 -> new ASN1Integer(-random.nextInt(5));
            case 3 -> new DERSequence();
            case 4 -> new DEROctetString(new byte[random.nextInt(40)]);
            case 5 -> new DERSet();
            case 6 -> new ASN1ObjectIdentifier("1.2.3");
            case 7 -> new DERTaggedObject(false, random.nextInt(4), new DEROctetString(new byte[3]));
            default -> new DERSequence(new ASN1Integer(1));
        };
    }

    private static ASN1Encodable change(ASN1Encodable element, UnaryOperator<ASN1Encodable> each) {
        ASN1Encodable changed = each.apply(element);
        if (changed instanceof ASN1Sequence sequence) {
            return new DERSequence(changeAll(sequence, each));
        }
        if (changed instanceof ASN1Set set) {
            return new DERSet(changeAll(set, each));
        }
        if (changed instanceof ASN1TaggedObject tagged && tagged.isExplicit()) {
            return new DERTaggedObject(true, tagged.getTagNo(), change(tagged.getExplicitBaseObject(), each));
        }
        return changed;
    }

    private static ASN1EncodableVector changeAll(Iterable<ASN1Encodable> elements, UnaryOperator<ASN1Encodable> each) {
        ASN1EncodableVector changed = new ASN1EncodableVector();
        elements.forEach(element -> changed.add(change(element, each)));
        return changed;
    }

    private static ASN1Primitive parse(byte[] file) {
        try {
            return ASN1Primitive.fromByteArray(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] encode(ASN1Encodable element) {
        try {
            return element.toASN1Primitive().getEncoded("DER");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
