#!/bin/sh
# Exchanges messages of every algorithm suite with the AWS Encryption SDK for JavaScript, both ways, under one raw AES key.
#
#   examples/javascript/interoperate.sh [kms-envelope.jar]
#
# Needs a JDK, node and npm, and for the first run the npm registry. Without node or npm it says so and does nothing.
# Not a part of the build. NODE_PATH may name a directory that has @aws-crypto/client-node already.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jar=${1:-$here/../../cli/target/kms-envelope.jar}
library=@aws-crypto/client-node@5.0.2

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "skipped: node and npm are needed"
  exit 0
fi
test -f "$jar" || { echo "build it first: mvn -q -B -pl cli -am package -DskipTests" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "${NODE_PATH:-}" ]; then
  (cd "$work" && npm install --silent --no-audit --no-fund --ignore-scripts "$library")
  NODE_PATH=$work/node_modules
  export NODE_PATH
fi

cat > "$work/MakeKey.java" <<'JAVA'
import java.nio.file.*;
import java.security.KeyStore;
import java.security.SecureRandom;
import javax.crypto.spec.SecretKeySpec;

class MakeKey {
    public static void main(String[] files) throws Exception {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        Files.write(Path.of(files[0]), key);
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        keyStore.load(null, null);
        keyStore.setKeyEntry("master", new SecretKeySpec(key, "AES"), "changeit".toCharArray(), null);
        try (var out = Files.newOutputStream(Path.of(files[1]))) {
            keyStore.store(out, "changeit".toCharArray());
        }
    }
}
JAVA
java "$work/MakeKey.java" "$work/key" "$work/keys.p12"
(umask 077 && echo changeit > "$work/password")
head -c 100000 /dev/urandom > "$work/plaintext"
mkdir "$work/messages"

settings() { # the suite
  case $1 in
    04* | 05*) policy=require-encrypt-require-decrypt ;;
    *) policy=forbid-encrypt-allow-decrypt ;;
  esac
  cat > "$work/settings" <<SETTINGS
backend = application
application.keystore = $work/keys.p12
application.password-file = $work/password
esdk.commitment-policy = $policy
esdk.suite = $1
SETTINGS
}

suites="0014 0046 0078 0114 0146 0178 0214 0346 0378 0478 0578"
for suite in $suites; do
  settings "$suite"
  java -jar "$jar" encrypt --config "$work/settings" -k alias/master --context tenant=a --context region=ä -q \
    -o "$work/messages/ours-$suite" "$work/plaintext"
done
node "$here/interoperate.cjs" "$work/key" "$work/plaintext" "$work/messages"
opened=0
for message in "$work"/messages/theirs-*; do
  name=${message##*/theirs-}
  settings "${name%%-*}"
  java -jar "$jar" decrypt --config "$work/settings" -k alias/master --context tenant=a -q -o "$work/opened" "$message"
  cmp "$work/opened" "$work/plaintext"
  rm "$work/opened"
  opened=$((opened + 1))
done
echo "kms-envelope opened $opened messages"
