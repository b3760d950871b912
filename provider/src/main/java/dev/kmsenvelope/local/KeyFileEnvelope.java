package dev.kmsenvelope.local;

import dev.kmsenvelope.crypto.AesGcm;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.cms.AuthEnvelopedData;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.EncryptedContentInfo;
import org.bouncycastle.asn1.cms.GCMParameters;
import org.bouncycastle.asn1.cms.PasswordRecipientInfo;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cms.CMSAuthEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.PasswordRecipient;
import org.bouncycastle.cms.bc.BcCMSContentEncryptorBuilder;
import org.bouncycastle.cms.bc.BcPasswordRecipientInfoGenerator;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.RFC3211WrapEngine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.bouncycastle.operator.OutputAEADEncryptor;

/**
 * The outside of the key file: CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM (RFC 5084) for one recipient, who has a
 * passphrase (RFC 5652, 6.2.4: PBKDF2-HMAC-SHA256, then PWRI-KEK of RFC 3211 with AES-256-CBC), encoded by DER. The
 * content, of type {@code data}, is that of {@link StoreStateCodec}.
 *
 * <p>Without this library, it opens with OpenSSL 3:
 *
 * <pre>
 * openssl cms -decrypt -inform DER -in keys.p7m -pwri_password "$(cat secret)" | openssl asn1parse -inform DER
 * </pre>
 *
 * <p>BouncyCastle makes it. For reading, the structure is taken apart here, because only exactly what is written here is
 * accepted: everything outside the authenticated content has one possible value or feeds into the decryption, so any
 * changed bit is refused, and no parameter can make the reader work or allocate more than the bounds say.
 */
final class KeyFileEnvelope {

    /** The longest key file, in bytes: room for more than 50,000 key versions. */
    static final int MAX_LENGTH = 4 << 20;

    private static final ASN1ObjectIdentifier CONTENT_CIPHER = NISTObjectIdentifiers.id_aes256_GCM;
    private static final ASN1ObjectIdentifier WRAP_CIPHER = NISTObjectIdentifiers.id_aes256_CBC;
    private static final int CONTENT_KEY_LENGTH = 32;
    private static final int WRAPPED_KEY_LENGTH = 48;
    private static final int IV_LENGTH = 16;

    private final PassphraseKey.Parameters derivation;
    private final byte[] wrapIv;
    private final byte[] wrappedKey;
    private final byte[] nonce;
    private final byte[] ciphertext;

    private KeyFileEnvelope(
            PassphraseKey.Parameters derivation, byte[] wrapIv, byte[] wrappedKey, byte[] nonce, byte[] ciphertext) {
        this.derivation = derivation;
        this.wrapIv = wrapIv;
        this.wrappedKey = wrappedKey;
        this.nonce = nonce;
        this.ciphertext = ciphertext;
    }

    /**
     * Seals content under a fresh content key.
     *
     * @param content not modified
     * @param key what opens it
     * @param random the operating system's
     * @return the file
     */
    static byte[] seal(byte[] content, PassphraseKey key, SecureRandom random) {
        CMSAuthEnvelopedDataGenerator generator = new CMSAuthEnvelopedDataGenerator();
        generator.addRecipientInfoGenerator(new DerivedKeyRecipient(key, random));
        try {
            OutputAEADEncryptor encryptor = (OutputAEADEncryptor) new BcCMSContentEncryptorBuilder(CONTENT_CIPHER)
                    .setSecureRandom(random)
                    .build();
            return generator
                    .generate(new CMSProcessableByteArray(content), encryptor)
                    .toASN1Structure()
                    .getEncoded(ASN1Encoding.DER);
        } catch (CMSException | IOException e) {
            throw new IllegalStateException("sealing in memory does not fail", e);
        }
    }

    /** Writes the recipient for a key that was derived already. */
    private static final class DerivedKeyRecipient extends BcPasswordRecipientInfoGenerator {
        private final PassphraseKey key;

        DerivedKeyRecipient(PassphraseKey key, SecureRandom random) {
            super(WRAP_CIPHER, new char[0]);
            this.key = key;
            setPRF(PasswordRecipient.PRF.HMacSHA256);
            setSaltAndIterationCount(key.parameters().salt(), key.parameters().iterations());
            setSecureRandom(random);
        }

        @Override
        protected byte[] calculateDerivedKey(int scheme, AlgorithmIdentifier algorithm, int keySize) {
            return key.key().copy();
        }
    }

    /**
     * Reads the structure; opens nothing yet.
     *
     * @param file at most {@value #MAX_LENGTH} bytes
     * @return its parts
     * @throws IllegalArgumentException if it is not what {@link #seal} writes; its text says what it is instead
     */
    static KeyFileEnvelope parse(byte[] file) {
        try {
            ContentInfo info = ContentInfo.getInstance(ASN1Primitive.fromByteArray(file));
            require(
                    CMSObjectIdentifiers.authEnvelopedData.equals(info.getContentType())
                            && Arrays.equals(file, info.getEncoded(ASN1Encoding.DER)),
                    "not CMS AuthEnvelopedData in DER");
            AuthEnvelopedData data = AuthEnvelopedData.getInstance(info.getContent());
            require(
                    data.getOriginatorInfo() == null && data.getAuthAttrs() == null && data.getUnauthAttrs() == null,
                    "attributes where none are right");
            require(data.getRecipientInfos().size() == 1, "other than one recipient");
            require(
                    RecipientInfo.getInstance(data.getRecipientInfos().getObjectAt(0))
                                    .getInfo()
                            instanceof PasswordRecipientInfo,
                    "a recipient without a passphrase");
            PasswordRecipientInfo recipient = (PasswordRecipientInfo)
                    RecipientInfo.getInstance(data.getRecipientInfos().getObjectAt(0))
                            .getInfo();
            require(recipient.getVersion().hasValue(0), "a recipient of another version");
            AlgorithmIdentifier derivation = recipient.getKeyDerivationAlgorithm();
            require(derivation != null, "a recipient without a key derivation");
            byte[] wrapIv = ASN1OctetString.getInstance(AlgorithmIdentifier.getInstance(
                                    recipient.getKeyEncryptionAlgorithm().getParameters())
                            .getParameters())
                    .getOctets();
            require(
                    recipient.getKeyEncryptionAlgorithm().equals(wrapAlgorithm(wrapIv)) && wrapIv.length == IV_LENGTH,
                    "a key encryption other than PWRI-KEK with AES-256-CBC");
            byte[] wrappedKey = recipient.getEncryptedKey().getOctets();
            require(wrappedKey.length == WRAPPED_KEY_LENGTH, "an encrypted key of the wrong length");
            EncryptedContentInfo content = data.getAuthEncryptedContentInfo();
            AlgorithmIdentifier cipher = content.getContentEncryptionAlgorithm();
            byte[] nonce = GCMParameters.getInstance(cipher.getParameters()).getNonce();
            require(
                    CMSObjectIdentifiers.data.equals(content.getContentType())
                            && cipher.equals(contentAlgorithm(nonce))
                            && nonce.length == AesGcm.NONCE_LENGTH,
                    "content other than data in AES-256-GCM");
            byte[] tag = data.getMac().getOctets();
            require(tag.length == AesGcm.TAG_LENGTH && content.getEncryptedContent() != null, "no content or no tag");
            return new KeyFileEnvelope(
                    PassphraseKey.Parameters.checked(derivation),
                    wrapIv,
                    wrappedKey,
                    nonce,
                    join(content.getEncryptedContent().getOctets(), tag));
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // What the parser makes of structures and numbers that nobody expects is not documented.
            throw new IllegalArgumentException("not CMS AuthEnvelopedData", e);
        }
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private static AlgorithmIdentifier wrapAlgorithm(byte[] iv) {
        return new AlgorithmIdentifier(
                PKCSObjectIdentifiers.id_alg_PWRI_KEK, new AlgorithmIdentifier(WRAP_CIPHER, new DEROctetString(iv)));
    }

    private static AlgorithmIdentifier contentAlgorithm(byte[] nonce) {
        return new AlgorithmIdentifier(CONTENT_CIPHER, new GCMParameters(nonce, AesGcm.TAG_LENGTH));
    }

    /** How the key that opens it is derived from the passphrase; within bounds. */
    PassphraseKey.Parameters derivation() {
        return derivation;
    }

    /**
     * Opens it.
     *
     * @param key derived as {@link #derivation} says
     * @param gcm who does AES-GCM
     * @return the content, which the caller wipes
     * @throws GeneralSecurityException if the passphrase was another one or anything was changed
     */
    byte[] open(PassphraseKey key, Provider gcm) throws GeneralSecurityException {
        byte[] keyBytes = key.key().copy();
        byte[] contentKey = new byte[0];
        try {
            RFC3211WrapEngine wrapping = new RFC3211WrapEngine(AESEngine.newInstance());
            wrapping.init(false, new ParametersWithIV(new KeyParameter(keyBytes), wrapIv));
            contentKey = wrapping.unwrap(wrappedKey, 0, wrappedKey.length);
            if (contentKey.length != CONTENT_KEY_LENGTH) {
                throw new AEADBadTagException("a content key of the wrong length");
            }
            try (AesGcm cipher = AesGcm.of(gcm, contentKey)) {
                return cipher.decrypt(nonce, ciphertext);
            }
        } catch (InvalidCipherTextException e) {
            throw new GeneralSecurityException("the content key does not unwrap", e);
        } finally {
            Arrays.fill(keyBytes, (byte) 0);
            Arrays.fill(contentKey, (byte) 0);
        }
    }
}
