#!/bin/bash
# SPDX-License-Identifier: ISC
# Keys in a token: `--key pkcs11:URI` wherever a secret key is taken, against SoftHSM2 with a store of
# its own in a scratch folder. Prints TAP. Needs no privilege.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
muster=$(realpath "${MUSTER_BIN:-$here/build/bin}")/muster
. "$here/tests/e2e/tell.sh"
tell_begin --tap

module=
for path in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so /usr/lib64/pkcs11/libsofthsm2.so; do
    [ ! -e "$path" ] || module=$path
done
if [ -z "$module" ] || ! command -v softhsm2-util >/dev/null; then
    echo "1..0 # SKIP no SoftHSM2 here"
    exit 0
fi
[ -x "$muster" ] || { echo "Bail out! no $muster; build it with make"; exit 1; }
work=$(mktemp -d /tmp/muster-token.XXXXXX)
trap 'rm -rf "$work"' EXIT
unset MUSTER_PASSPHRASE SOURCE_DATE_EPOCH
cd "$work" || exit 1
mkdir tokens
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$work" >softhsm2.conf
export SOFTHSM2_CONF=$work/softhsm2.conf
for label in room other; do
    softhsm2-util --init-token --free --label $label --pin 4321 --so-pin 8765 >/dev/null || exit 1
done
printf 4321 >pin
uri="pkcs11:token=room;object=signer?module-path=$module&pin-value=4321"

output=$("$muster" key new "$uri" -o signer.pub 2>&1)
status=$?
if [ $status != 0 ] && grep -q 'makes no Ed25519' <<<"$output"; then
    echo "1..0 # SKIP this SoftHSM2 has no EdDSA"
    exit 0
fi
check 'key new makes the key in the token' test $status = 0
key=$(sed 's/^muster public key 1 //; s/ .*//' signer.pub)
check 'and writes the public key' says 0 "^$key$" "$muster" key show signer.pub
check 'with its name' grep -q ' signer$' signer.pub
check 'nothing secret was written' test "$(find . -maxdepth 1 -name 'signer*' | wc -l)" = 1
check 'key show reads it from the token' says 0 "^$key$" "$muster" key show "$uri"
check 'and writes it' says 0 "$key" "$muster" key show "$uri" -o again.pub
check 'never over an existing file' says 2 'exists already' "$muster" key show "$uri" -o again.pub
check 'a name that is taken is refused' says 2 'a key of that name' "$muster" key new "$uri"
check 'a name is needed' says 2 'object=NAME' "$muster" key new "pkcs11:token=room?module-path=$module&pin-value=4321"

mkdir src
cat >src/cam.json <<'END'
{"schema_version": "1.6.0", "id": "CVE-2026-1", "modified": "2026-01-01T00:00:00Z",
 "affected": [{"package": {"ecosystem": "Muster", "name": "acme/cam"},
   "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}]}]}
END
check 'a list is signed in the token' says 0 'issued' "$muster" sign src --key "$uri" -o isp.mlist --first
check 'and is this key'"'"'s' says 0 "signed by +$key" "$muster" show isp.mlist
check 'so is a second' says 0 'issued' "$muster" sign src --key "$uri" -o isp.mlist --old isp.mlist
"$muster" key new --passphrase-file pin "pkcs11:token=other;object=approver?module-path=$module" -o approver.pub >/dev/null
approver="pkcs11:token=other?module-path=$module"
check 'approved by a key in another token' says 0 Approved "$muster" approve isp.mlist --key "$approver" --passphrase-file pin
check 'a standing' says 0 'is good until' "$muster" standing --key "$approver&pin-source=file:$work/pin" \
    --signer signer.pub --name ISP --level good -o signer.standing
check 'which verifies' says 0 'verifies under that key' "$muster" show signer.standing
check 'the PIN from the environment' says 0 '^[0-9a-f]{64}$' env MUSTER_PASSPHRASE=4321 "$muster" key show "$approver"
check 'the PIN from a file in the URI' says 0 '^[0-9a-f]{64}$' "$muster" key show "$approver&pin-source=$work/pin"

wrong="pkcs11:token=room;object=signer?module-path=$module&pin-value=9999"
check 'a wrong PIN is told' says 2 'the PIN is wrong' "$muster" key show "$wrong"
check 'and never shown' not sh -c "'$muster' key show '$wrong' 2>&1 | grep -q 9999"
check 'no PIN and no terminal' says 2 'no PIN given' setsid "$muster" key show "$approver"
check 'no such token' says 2 'no such token' "$muster" key show "pkcs11:token=lost?module-path=$module&pin-value=4321"
check 'several tokens' says 2 '2 tokens match' "$muster" key show "pkcs11:object=signer?module-path=$module&pin-value=4321"
check 'no such key' says 2 'no such private key' "$muster" key show "pkcs11:token=room;object=lost?module-path=$module&pin-value=4321"
check 'no such module' says 2 'cannot be loaded' "$muster" key show "pkcs11:token=room?module-path=/nonexistent.so"
check 'a URI that is none' says 2 'cannot be read' "$muster" key show 'pkcs11:token=%zz'
check 'an attribute that is not known' says 2 'not known here' "$muster" key show 'pkcs11:colour=red'
"$muster" key new "pkcs11:token=room;object=second?module-path=$module&pin-value=4321" >/dev/null
check 'several keys' says 2 '2 keys match' "$muster" key show "pkcs11:token=room?module-path=$module&pin-value=4321"

if command -v pkcs11-tool >/dev/null; then
    tool() { pkcs11-tool --module "$module" --token-label room --login --pin 4321 "$@" >/dev/null 2>&1; }
    tool --keypairgen --key-type EC:prime256v1 --label nist --id 77
    check 'a key of another kind is refused' says 2 'not Ed25519' "$muster" key show \
        "pkcs11:token=room;object=nist?module-path=$module&pin-value=4321"
    tool --delete-object --type pubkey --label second
    check 'without its public key there is no signing' says 2 'public key is not in the token' "$muster" key show \
        "pkcs11:token=room;object=second?module-path=$module&pin-value=4321"
    id() { pkcs11-tool --module "$module" --token-label room --login --pin 4321 --list-objects --type privkey 2>/dev/null |
        awk -v l="$1" '$1 == "label:" {n = $2} $1 == "ID:" && n == l {print $2}'; }
    # Another key's public half under the id of `second`: it must not be taken for its own.
    check 'pkcs11-tool moves a public key' tool --type pubkey --id "$(id signer)" --set-id "$(id second)"
    check 'a foreign public key beside it is found out' says 2 'not with the key' "$muster" key show \
        "pkcs11:token=room;object=second?module-path=$module&pin-value=4321"
else
    echo "# no pkcs11-tool: keys of other kinds were not tried"
fi

tell_end
