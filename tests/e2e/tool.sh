#!/bin/bash
# SPDX-License-Identifier: ISC
# Runs the real `muster` through every verb and every refusal. Prints TAP. Needs no privilege; where
# it has none it skips the full disk. Answers to `ask` come from a small head-end in Python on
# loopback.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d /tmp/muster-tool.XXXXXX)
server_pid=
mounted=

cleanup() {
    [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null
    [ -z "$mounted" ] || umount "$work/small" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

cd "$work" || exit 2
. "$here/tests/e2e/lib_tool.sh"

T0=1790000000
DAY=86400
V='"introduced": "0"'

### Usage

expect "help lists the verbs" 0 'anchor new' "$muster" --help
expect "version" 0 '^muster [0-9]' "$muster" --version
expect "no verb is a usage error" 2 'verb is missing' "$muster"
expect "unknown verb is a usage error" 2 "no verb 'frob'" "$muster" frob
for verb in "key new" "key show" check sign show explain ask standing "anchor new"; do
    # shellcheck disable=SC2086
    expect "$verb has help" 0 "usage: muster $verb" "$muster" $verb --help
    # shellcheck disable=SC2086
    expect "$verb refuses an unknown option" 2 "usage: muster $verb" "$muster" $verb --frob
done
expect "half a verb is told what it may be" 2 'say key new, key show, key backup' "$muster" key
expect "  and one of one word is told, too" 2 'say names suggest' "$muster" names
"$muster" --version >/dev/full 2>err
same "--version to a full device is an error" $? 2
"$muster" --help >/dev/full 2>err
same "--help, too" $? 2
expect "terminal escapes in arguments are shown harmless" 2 'x1b' "$muster" $'\e[2J'

### Keys

expect "key new prints the public key" 0 '^public key +[0-9a-f]{64}' "$muster" key new signer
holds "the secret has mode 0600" test "$(stat -c %a signer)" = 600
expect "key new does not overwrite" 2 'signer' "$muster" key new signer
expect "key show of the secret" 0 '^[0-9a-f]{64}$' "$muster" key show signer
secret_says=$("$muster" key show signer)
holds "key show of the .pub says the same" test "$secret_says" = "$("$muster" key show signer.pub)"
fails "the secret is not shown" grep -q "$(sed -n 2p signer)" out
expect "key show of nothing" 2 '' "$muster" key show missing
expect "key new where nothing can be written" 2 '' "$muster" key new /proc/key
MUSTER_PASSPHRASE=sesame run "$muster" key new locked --passphrase
result "$status" "a locked key, passphrase from the environment"
MUSTER_PASSPHRASE=sesame run "$muster" key show locked
result "$status" "and opened again"
MUSTER_PASSPHRASE=wrong expect "a wrong passphrase" 2 'passphrase' "$muster" key show locked
echo sesame >phrase
holds "passphrase from a file" "$muster" key show locked --passphrase-file phrase
expect "Ctrl-C at a passphrase leaves the terminal as it was" 0 '^shown 2$' \
    timeout 20 "$python" "$here/tests/e2e/terminal.py" "$muster" key show locked
expect "a passphrase file that is none" 2 'no regular file' "$muster" key show locked --passphrase-file /dev/null
expect "a locked key without a terminal says what to do" 2 'MUSTER_PASSPHRASE' \
    setsid "$muster" key show locked
MUSTER_PASSPHRASE='' expect "an empty passphrase" 2 'empty' "$muster" key new other --passphrase
fails "left no key behind" test -e other
"$muster" key new other >/dev/null
"$muster" key new anchor1 >/dev/null
"$muster" key new anchor2 >/dev/null
cp signer open && chmod 644 open
expect "a secret that others may read" 2 'open' "$muster" key show open

### check

expect "the example is sound" 0 'problems 0' "$muster" check "$here/examples/list"
expect "no folder" 2 'DIR' "$muster" check
expect "a folder that is not there" 2 'No such file' "$muster" check missing
expect "a file in place of a folder" 2 'not a folder' "$muster" check signer.pub

refuse() { # NAME WORDS JSON: check finds exactly this problem
    rm -rf bad && mkdir bad && printf '%s' "$3" >bad/x.json
    expect "check: $1" 1 "$2" "$muster" check bad
}
head='"id":"CVE-1","modified":"2026-01-01T00:00:00Z"'
package='"package":{"ecosystem":"Muster","name":"acme/cam"}'
events() { echo "{$head,\"affected\":[{$package,\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[$1]}]}]}"; }
extra() {
    echo "{$head,\"affected\":[{$package,\"versions\":[\"1\"]}],\"database_specific\":{\"muster\":{$1}}}"
}
named() {
    echo "{$head,\"affected\":[{\"package\":{\"ecosystem\":\"Muster\",\"name\":\"$1\"},\"versions\":[\"1\"]}]}"
}
refuse "broken JSON with its line" 'bad/x.json:2: ' $'{\n"id" 1}'
refuse "a duplicate key" 'duplicate' '{"id":"a","id":"b"}'
refuse "not UTF-8" 'UTF-8' $'{"id":"\xff"}'
refuse "not an object" 'one JSON object' '[]'
refuse "deep nesting" 'nested' "$(printf '[%.0s' $(seq 100))"
refuse "no id" ': id: ' "{\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[{$package,\"versions\":[\"1\"]}]}"
refuse "an id of 33 characters" 'at most 32' \
    "{\"id\":\"$(printf 'x%.0s' $(seq 33))\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[{$package,\"versions\":[\"1\"]}]}"
refuse "no modified" ': modified: ' "{\"id\":\"a\",\"affected\":[{$package,\"versions\":[\"1\"]}]}"
refuse "nothing affected" 'affected must be' "{$head}"
refuse "no build affected" 'no build' "{$head,\"affected\":[{$package}]}"
refuse "another ecosystem" 'ecosystem must be' "{$head,\"affected\":[{\"package\":{\"ecosystem\":\"npm\",\"name\":\"a/b\"},\"versions\":[\"1\"]}]}"
refuse "a name as CPE would not write it" '"hikvision/ds-2cd_x_"' "$(named 'Hikvision/DS-2CD(X)')"
refuse "a name without a model" 'VENDOR/MODEL' "$(named 'acme')"
refuse "two models in one file" 'affected\[1\].package.name: a second model' \
    "{$head,\"affected\":[{$package,\"versions\":[\"1\"]},{\"package\":{\"ecosystem\":\"Muster\",\"name\":\"acme/tv\"},\"versions\":[\"1\"]}]}"
refuse "never-fail" 'never-fail must never' "$(named 'muster.test/never-fail')"
refuse "anything of muster.test" 'reserved' "$(named 'muster.test/always-fail')"
refuse "SEMVER ranges" 'affected\[0\].ranges\[0\]: type "SEMVER"' \
    "{$head,\"affected\":[{$package,\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"introduced\":\"0\"}]}]}]}"
refuse "GIT ranges" 'exact builds in versions' \
    "{$head,\"affected\":[{$package,\"ranges\":[{\"type\":\"GIT\",\"events\":[{\"introduced\":\"0\"}]}]}]}"
refuse "a reversed range" 'reversed' "$(events '{"introduced":"2.0"},{"fixed":"1.0"}')"
refuse "an empty range" 'empty' "$(events '{"introduced":"2.0"},{"fixed":"v2"}')"
refuse "events without introduced" 'introduced' "$(events '{"fixed":"1.0"}')"
refuse "fixed and last_affected together" 'OSV forbids' \
    "$(events '{"introduced":"0"},{"fixed":"1.0"},{"introduced":"2"},{"last_affected":"3"}')"
refuse "limit" 'limit' "$(events '{"introduced":"0"},{"limit":"1.0"}')"
refuse "unlike builds" 'like with like' "$(events '{"introduced":"1.0"},{"fixed":"r25000"}')"
refuse "a build without digits or letters" 'no digits or letters' "$(events '{"introduced":"0"},{"fixed":"--"}')"
refuse "a build that is not printable" 'printable' "$(events '{"introduced":"0"},{"fixed":"1\u0007"}')"
refuse "nine ranges" 'at most 8 ranges' \
    "{$head,\"affected\":[{$package,\"versions\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}]}"
refuse "an unknown key" 'muster.enforce_after: is not known' "$(extra '"enforce_after":3')"
refuse "an unknown reason" 'remote-takeover' "$(extra '"reason":"bad"')"
refuse "a reason out of range" '1 remote-takeover' "$(extra '"reason":7')"
refuse "an http url" 'https://' "$(extra '"url":"http://example.org/"')"
refuse "a negative enforce-after" 'days' "$(extra '"enforce-after":-1')"
refuse "reversed numbers" 'reversed' "$(extra '"numbers":[[9,2]]')"
refuse "numbers that are no pairs" 'pairs' "$(extra '"numbers":[[9]]')"
refuse "escapes are shown harmless" 'muster\..x1b\[2J' "$(extra '"\u001b[2J":1')"
head -c 1100000 /dev/zero | tr '\0' ' ' >bad/x.json
expect "check: a file over 1 MiB" 1 'larger than 1 MiB' "$muster" check bad
rm -rf bad
source_file two/a.json CVE-1 acme/cam "{$V},{\"fixed\":\"1\"}"
cp two/a.json two/b.json
expect "check: one id twice on one model" 1 'keep one file' "$muster" check two
for i in 1 2 3 4 5; do
    source_file five/$i.json CVE-$i acme/cam '{"introduced": "9"}, {"last_affected": "9"}' '"reason": "no-more-updates"'
    sed -i "s/\"ranges\"/\"versions\": [\"$i.1\",\"$i.2\",\"$i.3\",\"$i.4\",\"$i.5\",\"$i.6\",\"$i.7\"], &/" five/$i.json
done
expect "check: five defects of 36 builds name their files" 1 'five/5.json:1: note: CVE-5, no more updates' "$muster" check five
long=$(printf 'b%.0s' $(seq 60))
source_file big/1.json CVE-1 acme/cam "{\"introduced\":\"1.$long\"},{\"fixed\":\"2.$long\"},{\"introduced\":\"3.$long\"},{\"fixed\":\"4.$long\"},{\"introduced\":\"5.$long\"},{\"fixed\":\"6.$long\"},{\"introduced\":\"7.$long\"},{\"fixed\":\"8.$long\"}"
expect "check: a record over 600 bytes" 1 '600 bytes' "$muster" check big

### sign

sign() { "$muster" sign "$@" --key signer; }
source_file src/cam.json CVE-2021-36260 hikvision/ds-2cd2042wd-i "{$V},{\"fixed\":\"V5.5.800 build 210628\"}" \
    '"reason": "remote-takeover", "url": "https://example.org/a"'
source_file src/tv.json CVE-2 acme/tv "{\"introduced\":\"2.0\"},{\"last_affected\":\"2.4\"}" \
    '"reason": 2, "enforce-after": 0, "numbers": [[100, 200]]'
source_file src/sub/dsl.json CVE-3 acme/dsl "{$V}" '"reason": 5, "enforce-after": "never", "all-builds": true'
mkdir -p src/.git && echo '{' >src/.git/x.json && echo '{' >src/README.txt
export SOURCE_DATE_EPOCH=$T0
expect "neither --first nor --old" 2 'either --old' "$muster" sign src --key signer -o l1
expect "both --first and --old" 2 'either --old' "$muster" sign src --key signer -o l1 --first --old l0
expect "--days 41" 2 'from 1 to 40' "$muster" sign src --key signer -o l1 --first --days 41
expect "the first list" 0 '^new +3' sign src -o l1 --first
expect "it says when to renew" 0 'renew +20' sign src -o l1b --first
holds "signing is deterministic" cmp l1 l1b
holds "the list may be read by all" test "$(stat -c %a l1)" = 644
expect "--first over this signer's list" 2 'already' sign src -o l1 --first
holds "which is untouched" cmp l1 l1b
expect "an old list of another key" 2 'another key' "$muster" sign src --key other -o l2 --old l1
expect "an old list that is not there" 2 'No such file' sign src -o l2 --old missing
head -c -1 l1 >cut.list
expect "an old list cut short" 2 'whole list' sign src -o l2 --old cut.list
"$python" - <<'END'
b = bytearray(open("l1", "rb").read()); b[-50] ^= 1; open("flip", "wb").write(b)
b = bytearray(open("l1", "rb").read()); b[24] ^= 1; open("head", "wb").write(b)
END
expect "an old list with a changed entry" 2 'list' sign src -o l2 --old flip
expect "an old list with a changed header" 2 'does not verify' sign src -o l2 --old head
expect "show of a changed list" 1 'cannot be used' "$muster" show flip
expect "problems stop signing" 1 'nothing was written' sign five -o l2 --first
fails "and nothing was written" test -e l2
expect "a secret key with mode 0644" 2 'open' "$muster" sign src --key open -o l2 --first
mkdir -p ro && chmod 555 ro
if [ "$(id -u)" = 0 ]; then
    expect "a folder that cannot be written" 2 '/proc/l2' sign src -o /proc/l2 --first
else
    expect "a folder that cannot be written" 2 'ro/l2' sign src -o ro/l2 --first
fi
expect "a folder that is not there" 2 'missing/l2' sign src -o missing/l2 --first
mkdir -p small
if mount -t tmpfs -o size=4k none small 2>/dev/null; then
    mounted=yes
    mkdir many
    for i in $(seq 40); do source_file "many/$i.json" "CVE-$i" "acme/m$i" "{$V},{\"fixed\":\"2\"}"; done
    expect "a full disk" 2 'No space left' sign many -o small/l --first
    holds "leaves nothing behind" test -z "$(ls -A small)"
    umount small && mounted=
else
    skip "a full disk" "no right to mount"
    skip "leaves nothing behind" "no right to mount"
fi

field() { "$muster" show --json --all "$1" | "$python" -c "
import json,sys
d=json.load(sys.stdin)
m={x['vendor']+'/'+x['model']:x for x in d['models']}
print(eval(sys.argv[1]))" "$2"; }
cam="m['hikvision/ds-2cd2042wd-i']"
same "issued at the given time" "$(field l1 "d['issued']")" $T0
same "lives 30 days" "$(field l1 "d['expires']")" $((T0 + 30 * DAY))
same "enforced 14 days from the first issue" "$(field l1 "${cam}['defects'][0]['enforce_from']")" $((T0 + 14 * DAY))
same "the file's enforce-after goes first" "$(field l1 "m['acme/tv']['defects'][0]['enforce_from']")" $T0
same "never is notice only" "$(field l1 "m['acme/dsl']['defects'][0]['enforce_from']")" 0
same "always-fail is in every list" "$(field l1 "m['muster.test/always-fail']['defects'][0]['enforce_from']")" $T0
same "fixed-in comes from the events" "$(field l1 "${cam}['defects'][0]['fixed_in']")" "V5.5.800 build 210628"

export SOURCE_DATE_EPOCH=$((T0 + 10 * DAY))
expect "renewal" 0 '^renewed +3' sign src -o l2 --old l1 --resign-all
same "renewal keeps enforce-from" "$(field l2 "${cam}['defects'][0]['enforce_from']")" $((T0 + 14 * DAY))
same "and lives on" "$(field l2 "d['expires']")" $((T0 + 40 * DAY))
export SOURCE_DATE_EPOCH=$((T0 - DAY))
expect "a clock that ran back" 0 '' sign src -o l3 --old l2 --resign-all
same "issue times rise all the same" "$(field l3 "d['issued']")" $((T0 + 10 * DAY + 1))
export SOURCE_DATE_EPOCH=$((T0 + 12 * DAY))
source_file src/cam.json CVE-2021-36260 hikvision/ds-2cd2042wd-i "{$V},{\"fixed\":\"V5.5.801\"}" '"reason": 1'
mv src/tv.json tv.json
expect "a change and a withdrawal are told" 0 '^withdrawn +1' sign src -o l4 --old l3
expect "  changed" 0 '^changed +1' sign src -o l4 --old l3
same "the model that left is withdrawn" "$(field l4 "len(m['acme/tv']['defects'])")" 0
same "a changed defect keeps its first issue" "$(field l4 "${cam}['defects'][0]['enforce_from']")" $((T0 + 14 * DAY))
export SOURCE_DATE_EPOCH=$((T0 + 40 * DAY))
expect "renewed after 28 days" 0 '^withdrawn +1' sign src -o l5 --old l4
same "the withdrawal stays until the last advisory has expired" "$(field l5 "'acme/tv' in m")" True
export SOURCE_DATE_EPOCH=$((T0 + 40 * DAY + 1))
expect "one second later" 0 '^withdrawn +0' sign src -o l6 --old l5
same "it goes when the last advisory has expired" "$(field l6 "'acme/tv' in m")" False
mv tv.json src/tv.json
export SOURCE_DATE_EPOCH=$((T0 + 41 * DAY))
expect "the model is told of again" 0 '^new +1' sign src -o l7 --old l6
export SOURCE_DATE_EPOCH=$T0
expect "--enforce-after 0" 0 '' sign src -o now --first --enforce-after 0
same "is enforced from the first issue" "$(field now "${cam}['defects'][0]['enforce_from']")" $T0
expect "--now goes before SOURCE_DATE_EPOCH" 0 '' sign src -o later --first --now 2027-01-01T00:00:00Z
same "  its time" "$(field later "d['issued']")" 1798761600
source_file layer/x.json CVE-2021-36260 hikvision/ds-2cd2042wd-i "{$V},{\"fixed\":\"V9\"}" '"reason": 6'
expect "two folders" 0 '^new +3' sign src layer -o layered --first
same "the later one goes first" "$(field layered "${cam}['defects'][0]['fixed_in']")" V9
sed -i 's/"modified"/"withdrawn": "2026-02-01T00:00:00Z", "modified"/' layer/x.json
expect "a withdrawn file takes its defect away" 0 '^new +2' sign src layer -o layered2 --first
rm -rf join && for i in 1 2 3 4 5 6; do
    source_file join/$i.json CVE-2020-000$i acme/cam "{$V},{\"fixed\":\"1.$i\"}" '"reason": 1, "url": "https://example.org/'$i'"'
done
expect "six defects alike are joined" 0 '^new +1' sign join -o joined --first
same "into four" "$(field joined "[x['id'] for x in m['acme/cam']['defects']][0]")" "CVE-2020-0001 +2"
mkdir empty
expect "an empty folder gives always-fail alone" 0 '^new +0' sign empty -o none --first

cat >format.py <<'END'
# Reads a list by doc/list-format.md alone.
import hashlib, struct, sys
b = open(sys.argv[1], "rb").read()
M = (1 << 64) - 1
ODD = 0x9E3779B97F4A7C15
def digest(x): return hashlib.sha512(x).digest()[:32]
def get(size, at): return int.from_bytes(b[at:at + size], "little")
def hashed(seed, key):
    h = ((seed ^ len(key)) * ODD) & M
    whole = len(key) // 8 * 8
    for i in range(0, whole, 8):
        h = ((h ^ int.from_bytes(key[i:i + 8], "little")) * ODD) & M
        h ^= h >> 29
    for c in key[whole:]:
        h = ((h ^ c) * ODD) & M
    h = ((h ^ h >> 32) * ODD) & M
    return h ^ h >> 29
assert b[:8] == b"\x89MLIST\r\n" and get(4, 8) == 1 and get(4, 12) == 1024 and get(8, 16) == len(b)
issued, expires, seed, models, slots, probes = get(8, 24), get(8, 32), get(8, 40), get(4, 48), get(4, 52), get(4, 56)
assert slots & (slots - 1) == 0 and slots >= 2 * models and probes <= 64 and get(4, 60) == 0 and b[136:192] == bytes(56)
entries = 1024 + 8 * slots
end = entries + get(8, 64)
digests = b"".join(digest(b[i:min(i + 65536, end)]) for i in range(1024, end, 65536))
assert b[end:] == digests and digest(digests) == b[72:104] and b[256:1024] == bytes(768)
tries = [int.from_bytes(hashlib.sha512(b[104:136] + struct.pack("<QQ", issued, i)).digest()[:8], "little") for i in range(256)]
assert seed in tries
at, keys, furthest = entries, [], 0
while at < end:
    k, r, s, h = struct.unpack_from("<HHHH", b, at)
    key, record = b[at + 8:at + 8 + k], b[at + 8 + k:at + 8 + k + r]
    total = sum(struct.unpack(">%dH" % ((r + 1) // 2), record + bytes(r % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    assert total == s
    v = hashed(seed, key)
    for p in range(probes + 1):
        tag, place = struct.unpack_from("<II", b, 1024 + 8 * ((v + p) % slots))
        assert place
        if tag == v >> 32 and entries + 8 * (place - 1) == at:
            furthest = max(furthest, p)
            break
    else:
        raise AssertionError("not found")
    keys.append(key)
    assert not any(b[at + 8 + k + r + h:at + (8 + k + r + h + 7) // 8 * 8])
    at += (8 + k + r + h + 7) // 8 * 8
assert len(keys) == models and keys == sorted(set(keys)) and furthest == probes
try:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit(0)
Ed25519PublicKey.from_public_bytes(b[104:136]).verify(b[192:256], b"muster list 1\n" + b[:192])
END
for i in $(seq 60); do source_file "sixty/$i.json" "CVE-$i" "acme/model-$i" "{$V},{\"fixed\":\"2\"}"; done
sign sixty -o sixty.list --first >/dev/null
holds "the list is what doc/list-format.md says" "$python" format.py sixty.list
holds "  so are lists with withdrawals" "$python" format.py l4

### explain

unset SOURCE_DATE_EPOCH
rm -f live
sign src -o live --first --enforce-after 0 >/dev/null
expect "explain: listed" 1 'covers it' "$muster" explain live acme tv 2.1
expect "explain: fit" 0 'after the upper bound' "$muster" explain live acme tv 2.5
expect "explain: unlike" 0 'like is compared with' "$muster" explain live acme tv r25
expect "explain: by number" 1 'number is 150' "$muster" explain live acme tv r25 150
expect "explain: no number never matches" 0 'no number' "$muster" explain live acme tv r25 0
expect "explain: model unknown" 0 'nothing on this model' "$muster" explain live acme car 1
expect "explain: withdrawn" 0 'withdrawn' "$muster" explain l4 acme tv 2.1
expect "explain: always-fail" 1 'listed' "$muster" explain live muster.test always-fail 1
expect "explain: never-fail" 0 'fit' "$muster" explain live muster.test never-fail 1
expect "explain: bad number" 2 'NUMBER' "$muster" explain live acme tv 1 x
expect "explain: bad name" 2 'VENDOR' "$muster" explain live ACME tv 1
expect "explain: bad list" 2 'list' "$muster" explain flip acme tv 1
expect "explain: a build that begins with -" 0 '' "$muster" explain -- live acme tv -1

### standing and anchor

standing() { "$muster" standing --key anchor1 --signer signer.pub --name 'Example ISP' "$@"; }
expect "a good standing" 0 'is good until' standing --level good -o good.standing
expect "show tells it" 0 'level +good' "$muster" show good.standing
expect "days over 14" 2 'from 1 to 14' standing --level good --days 15 -o x
expect "a level that is none" 2 'good, suspended or revoked' standing --level fine -o x
expect "a third vendor" 2 'more than 2' standing --level good --vendor a --vendor b --vendor c -o x
expect "a vendor in capitals" 2 'a-z' standing --level good --vendor ACME -o x
expect "a floor in the future" 2 'floor' standing --level good --floor 2100-01-01 -o x
expect "a floor as RFC 3339" 0 '' standing --level good --floor 2026-01-01T00:00:00Z --vendor acme -o floor.standing
expect "  is told" 0 'floor +2026-01-01' "$muster" show floor.standing
expect "a name of 33 characters" 2 '1 to 32' standing --level good --name "$(printf 'n%.0s' $(seq 33))" -o x
expect "a signer that is no key" 2 '' standing --signer nokey --level good -o x
fails "nothing was written" test -e x
issued() { "$muster" show --json "$1" | "$python" -c 'import json,sys; print(json.load(sys.stdin)["issued"])'; }
before=$(issued good.standing)
standing --level good -o good.standing >/dev/null
holds "replacing it, its time of issue rises" test "$(issued good.standing)" -gt "$before"
cp good.standing revoked.standing
expect "revoked" 0 'is revoked' standing --level revoked -o revoked.standing
expect "is for good" 2 'never forget' standing --level good -o revoked.standing
SOURCE_DATE_EPOCH=$T0 standing --level good -o ahead.standing >/dev/null
SOURCE_DATE_EPOCH=$((T0 - 3 * DAY)) expect "going on from a word of the future is told" 0 'devices refuse both' \
    standing --level good -o ahead.standing
cp good.standing kept.standing
expect "a word on another signer is not written over" 2 'another signer, Example ISP' \
    "$muster" standing --key anchor1 --signer anchor2.pub --name Other --level good -o kept.standing
holds "  it is whole" cmp good.standing kept.standing
expect "the next key goes over it" 0 'is good' \
    "$muster" standing --key anchor2 --signer signer.pub --name 'Example ISP' --level good -o kept.standing
cp signer secret
expect "a standing does not go over a key" 2 'is there already and no standing' standing --level good -o secret
holds "  it is whole" cmp signer secret
SOURCE_DATE_EPOCH=$T0 standing --level good -o d1 >/dev/null
SOURCE_DATE_EPOCH=$T0 standing --level good -o d2 >/dev/null
holds "a standing is deterministic" cmp d1 d2
expect "an anchor" 0 'anchor of' "$muster" anchor new -o a1.anchor --name 'Authority 1' --key anchor1.pub \
    --next anchor2.pub --service 192.0.2.7 --service '[2001:db8::7]:7000'
expect "show tells it" 0 'service +\[2001:db8::7\]:7000' "$muster" show a1.anchor
expect "show tells it as JSON" 0 '"next": "[0-9a-f]{64}"' "$muster" show --json a1.anchor
expect "an anchor is not overwritten" 2 'a1.anchor' "$muster" anchor new -o a1.anchor --name x --key anchor1.pub
expect "an anchor without a key" 2 '--key' "$muster" anchor new -o x --name x
expect "a small-order key" 2 '' "$muster" anchor new -o x --name x \
    --key 0000000000000000000000000000000000000000000000000000000000000000
expect "a service that is no address" 2 'no host' "$muster" anchor new -o x --name x --key anchor1.pub --service example
"$muster" anchor new -o plain.anchor --name 'Authority 1' --key anchor1.pub >/dev/null
"$muster" anchor new -o stranger.anchor --name 'Stranger' --key other.pub >/dev/null

### show

expect "show: a list" 0 'always-fail' "$muster" show live
expect "show: from standard input" 0 '' sh -c "'$muster' show - <good.standing"
od -An -tx1 -v good.standing >hex
expect "show: hex" 0 'standing' "$muster" show hex
expect "show: a key" 0 "$secret_says" "$muster" show signer.pub
head -c 100 good.standing >half
expect "show: half a record" 1 'malformed' "$muster" show half
"$python" -c 'b=bytearray(open("good.standing","rb").read()); b[-1]^=1; open("forged","wb").write(b)'
expect "show: a forged record" 1 'DOES NOT VERIFY' "$muster" show forged
expect "show: rubbish" 1 'no list, record' "$muster" show phrase
expect "show: nothing" 2 'No such file' "$muster" show missing
echo '8801 5000000000000000000000000000000000 00 64 61636d65 62 7476 63 322e31 00 40' | tr -d ' ' >report.hex
expect "show: a report" 0 'build +2.1' "$muster" show report.hex
sed 's/40$/41/' report.hex >report.bad
expect "show: a malformed report" 1 'malformed report' "$muster" show report.bad

### ask

"$python" - <<'END'
# The records of the list `live`, as files named vendor_model.record.
import struct
b = open("live", "rb").read()
slots, entries = struct.unpack_from("<I", b, 52)[0], struct.unpack_from("<Q", b, 64)[0]
at = 1024 + 8 * slots
end = at + int.from_bytes(b[64:72], "little")
while at < end:
    k, r, _, h = struct.unpack_from("<HHHH", b, at)
    key = b[at + 8:at + 8 + k]
    vlen = key[0] & 31
    name = key[1:1 + vlen].decode() + "_" + key[2 + vlen:].decode()
    open(name + ".record", "wb").write(b[at + 8 + k:at + 8 + k + r])
    at += (8 + k + r + h + 7) // 8 * 8
END
cat >server.py <<'END'
# server.py MODE RECORD...: a head-end that answers every report on a free loopback port, written to
# ./port.
import socket, sys
mode, records = sys.argv[1], [open(p, "rb").read() for p in sys.argv[2:]]
def bstr(b):
    n = len(b)
    return (bytes([0x40 + n]) if n < 24 else bytes([0x58, n]) if n < 256 else bytes([0x59, n >> 8, n & 255])) + b
def reply(nonce, flags, items):
    return b"\x84\x03" + bstr(nonce) + bytes([flags, 0x80 + len(items)]) + b"".join(map(bstr, items))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
open("port.tmp", "w").write(str(s.getsockname()[1]))
import os; os.rename("port.tmp", "port")
n = 0
while True:
    q, who = s.recvfrom(2000)
    n += 1
    nonce = q[3:19]
    flags = 2 if mode == "notice" else 0
    whole = reply(nonce, flags, records)
    if mode == "silent" or (mode == "late" and n < 3):
        continue
    if mode == "stubborn":
        s.sendto(reply(nonce, 1, []), who)
        continue
    if mode == "wrong":
        s.sendto(reply(bytes(16), 0, []), who)
        s.sendto(b"\x84\x03", who)
        s.sendto(reply(nonce, 4, []), who)
    if mode == "loud":
        s.sendto(whole + b"", who)
    elif len(whole) > len(q):
        s.sendto(reply(nonce, 1, []), who)
    else:
        s.sendto(whole, who)
END
serve() { # MODE RECORD...
    [ -z "$server_pid" ] || { kill "$server_pid"; wait "$server_pid"; } 2>/dev/null
    rm -f port
    "$python" server.py "$@" &
    server_pid=$!
    for _ in $(seq 100); do [ -e port ] && break; sleep 0.05; done
    at=127.0.0.1:$(cat port)
}
serve heard
expect "ask: heard" 0 'heard, nothing known' "$muster" ask "$at" acme tv 2.1
expect "ask: heard as JSON" 0 '"verdict": "fit"' "$muster" ask "$at" acme tv 2.1 --json
expect "ask: a bad name" 2 "VENDOR 'ACME' is none that devices report" "$muster" ask "$at" ACME tv 2.1
expect "ask: a port beyond 65535 is not another one" 2 'number from 1 to 65535' \
    "$muster" ask "${at%:*}:$((${at##*:} + 65536))" acme tv 2.1
if getent ahosts localhost >/dev/null; then
    expect "ask: a name that resolves" 0 'heard' "$muster" ask "localhost:${at#*:}" acme tv 2.1
else
    skip "ask: a name that resolves" "no name localhost here"
fi
serve records acme_tv.record good.standing
expect "ask: more is obeyed, notice without anchors" 1 'asked with +1232' "$muster" ask "$at" acme tv 2.1
expect "ask: padded at once" 1 'verdict +notice' "$muster" ask "$at" acme tv 2.1 --padded
expect "ask: fail with an anchor" 1 'verdict +fail' "$muster" ask "$at" acme tv 2.1 --anchor plain.anchor
expect "ask: fail as JSON" 1 '"verdict": "fail"' "$muster" ask "$at" acme tv 2.1 --anchor plain.anchor --json
cp out answer.json
holds "  which is JSON" "$python" -m json.tool answer.json
expect "ask: an anchor that vouches for nobody" 0 'fewer authorities' "$muster" ask "$at" acme tv 2.1 --anchor stranger.anchor
expect "ask: two anchors want two standings" 0 'verdict +fit' "$muster" ask "$at" acme tv 2.1 --anchor plain.anchor --anchor stranger.anchor
expect "ask: another build" 0 'covers it +no' "$muster" ask "$at" acme tv 2.5 --anchor plain.anchor
expect "ask: by number" 1 'verdict +fail' "$muster" ask "$at" acme tv r9 --number 150 --anchor plain.anchor
expect "ask: an advisory on another model" 0 'foreign' "$muster" ask "$at" acme car 2.1 --anchor plain.anchor
serve notice acme_tv.record good.standing
expect "ask: notice-only flag" 1 'verdict +notice' "$muster" ask "$at" acme tv 2.1 --anchor plain.anchor
serve records acme_tv.record revoked.standing
expect "ask: a revoked signer" 0 'suspended or revoked' "$muster" ask "$at" acme tv 2.1 --anchor plain.anchor
serve records acme_tv.record forged
expect "ask: a forged standing" 0 'taken +signature' "$muster" ask "$at" acme tv 2.1 --anchor plain.anchor
"$python" -c 'b=bytearray(open("acme_tv.record","rb").read()); b[-1]^=1; open("forged.record","wb").write(b)'
serve records forged.record good.standing
expect "ask: a forged advisory" 0 'DOES NOT VERIFY' "$muster" ask "$at" acme tv 2.1 --anchor plain.anchor
serve records half good.standing
expect "ask: a malformed record" 0 'malformed record' "$muster" ask "$at" acme tv 2.1 --anchor plain.anchor
serve wrong acme_tv.record good.standing
expect "ask: wrong nonces, malformed replies, unknown flags are passed over" 1 'verdict +fail' \
    "$muster" ask "$at" acme tv 2.1 --anchor plain.anchor --padded
expect "  and counted" 1 'ignored +3' "$muster" ask "$at" acme tv 2.1 --anchor plain.anchor --padded
serve loud acme_tv.record good.standing
expect "ask: a reply longer than the report" 2 'not replies' "$muster" ask "$at" acme tv 2.1 --timeout 1
serve late acme_tv.record good.standing
expect "ask: retries" 1 'verdict +fail' "$muster" ask "$at" acme tv 2.1 --anchor plain.anchor --padded
serve stubborn
expect "ask: more upon more is no answer" 2 'no answer' "$muster" ask "$at" acme tv 2.1 --timeout 1
serve silent
expect "ask: silence" 2 'no answer' "$muster" ask "$at" acme tv 2.1 --timeout 1
serve records revoked.standing
"$muster" anchor new -o asked.anchor --name 'Authority 1' --key anchor1.pub --service "$at" >/dev/null
first_pid=$server_pid
server_pid=
serve records acme_tv.record good.standing
expect "ask: the authority's answer overrules the stapled standing" 0 'suspended or revoked' \
    "$muster" ask "$at" acme tv 2.1 --anchor asked.anchor
kill "$first_pid"
expect "ask: nobody there" 2 'no answer' "$muster" ask "127.0.0.1:1" acme tv 2.1 --timeout 1
expect "ask: a name that does not resolve" 2 'nowhere.invalid' "$muster" ask nowhere.invalid acme tv 2.1

if [ -e /dev/full ]; then
    "$muster" show live >/dev/full 2>err
    status=$?
    if [ $status = 2 ]; then result 0 "output that cannot be written is told"; else result 1 "output that cannot be written is told"; fi
fi

tool_end
