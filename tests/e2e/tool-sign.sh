#!/bin/bash
# SPDX-License-Identifier: ISC
# The signing room's routine and its emergencies: what is kept and what is signed, lists that renew,
# withdraw, revert and change hands, standings in bulk. Prints TAP. Needs no privilege.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d /tmp/muster-sign.XXXXXX)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
. "$here/tests/e2e/lib_tool.sh"
python=${PYTHON:-/usr/bin/python3}
T0=1790000000
DAY=86400
V='"introduced": "0"'

"$muster" key new signer >/dev/null
"$muster" key new successor >/dev/null
at() { export SOURCE_DATE_EPOCH=$((T0 + $1 * DAY)); } # DAYS after T0
sign() { "$muster" sign "$@" --key signer; }
field() { # LIST EXPRESSION of d (the list) and m (its models by name)
    "$muster" show --json --all "$1" | "$python" -c "
import json,sys
d=json.load(sys.stdin)
m={x['vendor']+'/'+x['model']:x for x in d['models']}
print(eval(sys.argv[1]))" "$2"
}
record() { # LIST VENDOR/MODEL: the digest of its record's bytes
    "$python" - "$1" "$2" <<'END'
import hashlib, struct, sys
b = open(sys.argv[1], "rb").read()
at = 1024 + 8 * int.from_bytes(b[52:56], "little")
end = at + int.from_bytes(b[64:72], "little")
while at < end:
    k, r, _, h = struct.unpack_from("<HHHH", b, at)
    key = b[at + 8:at + 8 + k]
    n = key[0] & 31 if key[0] < 0x78 else key[1]
    first = 1 if key[0] < 0x78 else 2
    vendor, rest = key[first:first + n], key[first + n:]
    model = rest[1:] if rest[0] < 0x78 else rest[2:]
    if (vendor + b"/" + model).decode() == sys.argv[2]:
        print(hashlib.sha256(b[at + 8 + k:at + 8 + k + r]).hexdigest())
    at += (8 + k + r + h + 7) // 8 * 8
END
}
for i in 1 2 3 4; do source_file src/$i.json CVE-$i acme/m$i "{$V},{\"fixed\":\"2.0\"}" '"reason": 1'; done

### What is kept

at 0
expect "a first list signs everything" 0 '^records +kept 0, signed 5' sign src -o l0 --first
at 5
source_file src/2.json CVE-2 acme/m2 "{$V},{\"fixed\":\"3.0\"}" '"reason": 1'
expect "then only what changed" 0 '^records +kept 4, signed 1' sign src -o l5 --old l0
same "  a kept record has the same bytes" "$(record l5 acme/m1)" "$(record l0 acme/m1)"
fails "  a changed one has not" test "$(record l5 acme/m2)" = "$(record l0 acme/m2)"
same "  and is issued later" "$(field l5 "m['acme/m2']['issued']")" $((T0 + 5 * DAY))
same "  kept ones keep their time" "$(field l5 "m['acme/m1']['issued']")" $T0
same "  the list is issued now" "$(field l5 "d['issued']")" $((T0 + 5 * DAY))
same "  and lives as long as its shortest" "$(field l5 "d['expires']")" $((T0 + 30 * DAY))
same "  always-fail is kept too" "$(record l5 muster.test/always-fail)" "$(record l0 muster.test/always-fail)"
at 15
expect "half of --days are left: kept" 0 '^records +kept 5, signed 0' sign src -o l15 --old l5
at 16
expect "less than half are left: signed" 0 '^records +kept 1, signed 4' sign src -o l16 --old l5
same "  only what lives on is kept" "$(record l16 acme/m2)" "$(record l5 acme/m2)"
same "  enforce-from stays" "$(field l16 "m['acme/m1']['defects'][0]['enforce_from']")" $((T0 + 14 * DAY))
expect "--resign-all signs all" 0 '^records +kept 0, signed 5' sign src -o l16a --old l5 --resign-all
at 5
expect "a shorter --days keeps more" 0 '^records +kept 5, signed 0' sign src -o l5b --old l5 --days 10
at -1
expect "the clock set back: issue times rise" 0 'kept 5, signed 0' sign src -o lback --old l5
same "  later than the list before" "$(field lback "d['issued']")" $((T0 + 5 * DAY + 1))
cp l16 over
expect "a list of this key at -o counts as seen" 0 '' sign src -o over --old l5 --resign-all
same "  later than that too" "$(field over "d['issued']")" $((T0 + 16 * DAY + 1))
same "  and every record in it" "$(field over "min(x['issued'] for x in m.values())")" $((T0 + 16 * DAY + 1))
at 6
mv src/1.json 1.json
sign src -o w6 --old l5 >/dev/null
at 7
expect "a withdrawal is kept as well" 0 'kept 5, signed 0' sign src -o w7 --old w6
same "  with the same bytes" "$(record w7 acme/m1)" "$(record w6 acme/m1)"
mv 1.json src/1.json

### Threads

at 5
"$python" - <<'END'
import json
with open("many.jsonl", "w") as f:
    for i in range(6000):
        f.write(json.dumps({"id": "CVE-%d" % (i % 7), "modified": "2026-01-01T00:00:00Z",
            "affected": [{"package": {"ecosystem": "Muster", "name": "v%d/m%d" % (i // 3 % 9, i // 3)},
                          "versions": ["%d.%d" % (i % 5, i)]}]}) + "\n")
END
mkdir lines && cp many.jsonl lines/
sign lines -o many.list --first >/dev/null
expect "one processor" 0 '^new +2000' taskset -c 0 "$muster" sign lines --key signer -o many1.list --first
holds "gives the same bytes as all of them" cmp many.list many1.list
at 6
sign lines -o manynext.list --old many.list --resign-all >/dev/null
taskset -c 0 "$muster" sign lines --key signer -o manynext1.list --old many.list --resign-all >/dev/null
holds "  also the next list" cmp manynext.list manynext1.list

### Files of one document a line

mkdir jsonl
{
    tr -d '\n' <src/1.json
    printf '\n\n   \n'
    tr -d '\n' <src/2.json
} >jsonl/two.jsonl
expect "a file of one document a line" 0 '^files 2, models 2, problems 0' "$muster" check jsonl
{ tr -d '\n' <src/3.json; printf '\n{ "id": 1 }\n[[[\n'; } >>jsonl/two.jsonl
expect "  problems are told by line" 1 'jsonl/two.jsonl:5: error: ' "$muster" check jsonl
expect "  of broken JSON as well" 1 'jsonl/two.jsonl:6: error: ' "$muster" check jsonl
printf '{"id":"%*s"}\n' 1100000 x >jsonl/two.jsonl
expect "  a line over 1 MiB" 1 'jsonl/two.jsonl:1: error: larger than 1 MiB' "$muster" check jsonl

### Looking one model up

unset SOURCE_DATE_EPOCH
sign src -o live --first --enforce-after 0 >/dev/null
expect "explain" 1 '^listed' "$muster" explain live acme m1 1.0
expect "show of one model" 0 'verifies under that key' "$muster" show live --model acme/m1
expect "  which is not there" 1 'has nothing on' "$muster" show live --model acme/m9
expect "  or no name" 2 'VENDOR/MODEL' "$muster" show live --model acme
"$python" - <<'END'
b = bytearray(open("live", "rb").read())
at = 1024 + 8 * int.from_bytes(b[52:56], "little")
def write(name, place):
    c = bytearray(b); c[place] ^= 1; open(name, "wb").write(c)
write("bad-entry", at + 40)
write("bad-slot", 1024 + 3)
write("bad-digest", len(b) - 5)
write("bad-header", 30)
END
for bad in bad-entry bad-slot bad-digest bad-header; do
    expect "explain refuses a list with a $bad" 2 'not a whole list|does not verify' "$muster" explain $bad acme m1 1.0
    expect "  though it would say that it has nothing" 2 'not a whole list|does not verify' "$muster" explain $bad acme m9 1.0
done
tool_end
