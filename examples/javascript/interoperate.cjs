// The other side of interoperate.sh: opens what kms-envelope wrote, and writes what it opens, with the AWS Encryption SDK
// for JavaScript.
//
//   node interoperate.cjs KEY-FILE PLAINTEXT DIRECTORY
//
// In the directory, ours-<suite> are messages of kms-envelope; theirs-<suite>-<frame length> are written.
const fs = require('fs')
const path = require('path')
const {
  AlgorithmSuiteIdentifier,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
  buildClient
} = require('@aws-crypto/client-node')

const [keyFile, plaintextFile, directory] = process.argv.slice(2)
const plaintext = fs.readFileSync(plaintextFile)
const context = { tenant: 'a', region: 'ä' }
const keyring = new RawAesKeyringNode({
  keyName: 'master',
  keyNamespace: 'kms-envelope-application',
  unencryptedMasterKey: new Uint8Array(fs.readFileSync(keyFile)),
  wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING
})

function client (suite) {
  return buildClient(suite >= 0x0400
    ? CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
    : CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)
}

async function main () {
  let read = 0
  let written = 0
  for (const file of fs.readdirSync(directory).filter(name => name.startsWith('ours-'))) {
    const suite = parseInt(file.slice('ours-'.length), 16)
    const opened = await client(suite).decrypt(keyring, fs.readFileSync(path.join(directory, file)))
    if (!opened.plaintext.equals(plaintext) || opened.messageHeader.suiteId !== suite ||
        Object.entries(context).some(([name, value]) => opened.messageHeader.encryptionContext[name] !== value)) {
      throw new Error(file + ' opened to something else')
    }
    read++
    if (!Object.values(AlgorithmSuiteIdentifier).includes(suite)) {
      throw new Error('the library does not know suite ' + suite.toString(16))
    }
    for (const frameLength of [1000, 4096]) {
      const { result } = await client(suite).encrypt(keyring, plaintext, {
        encryptionContext: context,
        suiteId: suite,
        frameLength
      })
      fs.writeFileSync(path.join(directory, 'theirs-' + file.slice('ours-'.length) + '-' + frameLength), result)
      written++
    }
  }
  console.log('JavaScript opened ' + read + ' messages and wrote ' + written)
}

main().catch(e => {
  console.error(e)
  process.exit(1)
})
