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
cp signer secret
for verb in "sign src --first" "sign --renew l0" "withdraw l0 acme/m1" "revert l0 --old l0"; do
    # shellcheck disable=SC2086
    expect "muster $verb does not write over a key" 2 'is there already and no list' "$muster" $verb --key signer -o secret
done
holds "  it is whole" cmp signer secret
expect "a folder that is not there is told before the key is used" 2 'nothing was changed there' sign src -o nodir/l --first
mkdir -p hollow
expect "a folder that holds nothing is told" 0 'is it the right folder' sign hollow src -o l0b --first
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

### Beside a list that devices may have

at 5
mkdir beside && cp src/*.json beside/ && source_file beside/9.json CVE-9 acme/m9 "{$V},{\"fixed\":\"2.0\"}" '"reason": 1'
sign beside -o side --old l5 >/dev/null
at 6
cp side side.was
expect "what only the list at -o says is not lost" 2 'does not withdraw acme/m9' sign src -o side --old l5
expect "  nor by --renew" 2 'does not withdraw acme/m9' sign --renew l5 -o side
expect "  withdraw" 2 'does not withdraw acme/m9' "$muster" withdraw l5 acme/m1 -o side --key signer
expect "  or revert" 2 'does not withdraw acme/m9' "$muster" revert l0 --old l5 -o side --key signer
expect "  in a dry run as well" 2 'does not withdraw acme/m9' sign src -o side --old l5 --dry-run
holds "  it stays as it was" cmp side side.was
expect "out of that list it is withdrawn" 0 '^withdrawn +1' sign src -o side --old side
cp side.was side
expect "to sign what it says once more is no harm" 0 'signed 1' sign beside -o side --old l5

holds "no random walk through the room brings a device an older word" "$python" "$here/tests/e2e/walk.py" "$muster" 1 "${WALKS:-12}"

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

### Renewal

at 0
sign src -o r0 --first >/dev/null
at 5
expect "--renew keeps what lives on" 0 'kept 5, signed 0' sign --renew r0 -o r5
at 20
expect "  and signs what ends soon" 0 'kept 0, signed 5' sign --renew r0 -o r20
same "  which then lives on" "$(field r20 "d['expires']")" $((T0 + 50 * DAY))
same "  with the same enforce-from" "$(field r20 "m['acme/m1']['defects'][0]['enforce_from']")" $((T0 + 14 * DAY))
at 21
expect "  what the folder signs afterwards is the same" 0 '^kept +4' sign src -o r21 --old r20
expect "--renew --resign-all" 0 'kept 0, signed 5' sign --renew r20 -o r21 --resign-all
expect "--renew with a folder" 2 'no DIR' sign src --renew r0 -o x
expect "--renew and --old" 2 'say either' sign --renew r0 --old r0 -o x
at 3
mv src/4.json 4.json
sign src -o r3 --old r0 >/dev/null
mv 4.json src/4.json
at 29
expect "--renew goes on withdrawing" 0 '^withdrawn +1' sign --renew r3 -o r29
at 30
expect "  as long as need be" 0 '^withdrawn +0' sign --renew r3 -o r30

### Withdrawal

at 0
for i in 1 2; do source_file emergency/$i.json CVE-$i acme/cam "{\"introduced\":\"$i\"},{\"fixed\":\"$i.5\"}" '"reason": 1'; done
source_file emergency/tv.json CVE-3 acme/tv "{$V},{\"fixed\":\"2\"}"
for i in 1 2 3 4 5; do source_file emergency/j$i.json CVE-2020-$i acme/joined "{\"introduced\":\"$i\"},{\"fixed\":\"$i.5\"}" '"reason": 1'; done
sign emergency -o e0 --first >/dev/null
at 20
withdraw() { "$muster" withdraw "$@" --key signer; }
expect "withdraw a model" 0 '^acme/tv$' withdraw e0 acme/tv -o e20
expect "  the rest is not signed again" 0 '^records +kept 3, signed 1' withdraw e0 acme/tv -o e20
same "  not even what ends soon" "$(record e20 acme/cam)" "$(record e0 acme/cam)"
same "  it has no defects" "$(field e20 "len(m['acme/tv']['defects'])")" 0
expect "  explain says so" 0 'releases every build' "$muster" explain e20 acme tv 1
expect "withdraw one defect" 0 '^acme/cam/CVE-2$' withdraw e0 acme/cam/CVE-2 -o ecam
same "  the other one stays" "$(field ecam "[x['id'] for x in m['acme/cam']['defects']]")" "['CVE-1']"
expect "  and covers as before" 1 '' "$muster" explain ecam acme cam 1.2
expect "  the withdrawn one does not" 0 '' "$muster" explain ecam acme cam 2.2
sign emergency -o ecam21 --old ecam --now $((T0 + 21 * DAY)) >/dev/null
same "  brought back, it counts as new" "$(field ecam21 "m['acme/cam']['defects'][1]['enforce_from']")" $((T0 + 35 * DAY))
same "  the other one does not" "$(field ecam21 "m['acme/cam']['defects'][0]['enforce_from']")" $((T0 + 14 * DAY))
expect "withdraw both" 0 '^acme/cam/CVE-1$' withdraw e0 acme/cam/CVE-2 acme/cam/CVE-1 -o ecam
same "  is the model" "$(field ecam "len(m['acme/cam']['defects'])")" 0
expect "a joined defect is refused" 1 'joined with other defects' withdraw e0 acme/joined/CVE-2020-2 -o x
expect "  also under the name that is shown" 1 'nothing was written' withdraw e0 acme/joined/CVE-2020-1 -o x
expect "  one that has its own line is not" 0 '' withdraw e0 acme/joined/CVE-2020-5 -o xj
expect "an id that is not there" 1 'nothing of this id' withdraw e0 acme/cam/CVE-9 -o x
expect "a model that is not there" 1 'nothing on this model' withdraw e0 acme/boat -o x
expect "a withdrawn one" 1 'withdrawn already' withdraw e20 acme/tv -o x
expect "no name" 2 'VENDOR/MODEL' withdraw e0 ACME -o x
expect "muster.test" 2 'never withdrawn' withdraw e0 muster.test/always-fail -o x
expect "no target" 2 'are needed' withdraw e0 -o x
fails "  nothing was written" test -e x
at 21
expect "the next sign brings it back" 0 '^new +1' sign emergency -o e21 --old e20
mkdir -p mine && echo acme/tv >mine/suppress
expect "  over that list, what is older is refused" 2 'has an older word on acme/tv' sign emergency mine -o e21 --old e20
same "  which stays" "$(field e21 "len(m['acme/tv']['defects'])")" 1
expect "  but not if it is suppressed" 0 '^withdrawn +1' sign emergency mine -o e21b --old e20
at 20
expect "a dry run needs no key" 0 'acme/tv' "$muster" withdraw e0 acme/tv --dry-run

### Revert

at 0
for i in 1 2 3; do source_file good/$i.json CVE-$i acme/r$i "{$V},{\"fixed\":\"2\"}" '"reason": 1'; done
sign good -o g0 --first >/dev/null
cp -r good bad
at 3
source_file bad/1.json CVE-1 acme/r1 "{$V},{\"fixed\":\"99\"}" '"reason": 1, "enforce-after": 30'
source_file bad/9.json CVE-9 acme/r9 "{$V},{\"fixed\":\"99\"}" '"reason": 1, "enforce-after": 0'
source_file bad/3.json CVE-3 acme/r3 "{$V},{\"fixed\":\"99\"}" '"reason": 1, "enforce-after": "never"'
rm bad/2.json
sign bad -o b3 --old g0 >/dev/null
at 4
revert() { "$muster" revert "$@" --key signer; }
expect "revert" 0 '^changed +2' revert g0 --old b3 -o g4
same "  what the bad list added is withdrawn" "$(field g4 "len(m['acme/r9']['defects'])")" 0
same "  what it lost is back" "$(field g4 "m['acme/r2']['defects'][0]['enforce_from']")" $((T0 + 14 * DAY))
same "  what it changed as well" "$(field g4 "m['acme/r1']['defects'][0]['fixed_in']")" 2
same "  nothing is enforced earlier than the bad list said" "$(field g4 "m['acme/r1']['defects'][0]['enforce_from']")" $((T0 + 30 * DAY))
same "  nor what it only noticed" "$(field g4 "m['acme/r3']['defects'][0]['enforce_from']")" 0
same "  all that was touched is issued later" "$(field g4 "min(m['acme/r%d' % i]['issued'] for i in (1, 2, 3, 9))")" $((T0 + 4 * DAY))
expect "  explain says so" 0 '^fit' "$muster" explain g4 acme r1 5
expect "the folder put right signs on from there" 0 'kept 3, signed' sign good -o g5 --old g4
same "  with the first issues of old" "$(field g5 "m['acme/r1']['defects'][0]['enforce_from']")" $((T0 + 14 * DAY))
expect "a newer list is no older one" 2 'not older' revert b3 --old g0 -o x
expect "two of them are needed" 2 'OLDER' revert g0 -o x
"$muster" sign good --key successor -o other --first >/dev/null
expect "of one signer" 2 'another key' revert other --old b3 -o x
at -9
revert g0 --old b3 -o gback >/dev/null
same "with the clock set back, issue times rise all the same" "$(field gback "d['issued']")" $((T0 + 3 * DAY + 1))

### A new key

at 10
rotate() { "$muster" sign "$@" --key successor; }
expect "--rotate" 0 '^old key +go on serving g0, after the new list, until 2026-10-21' rotate good -o n10 --rotate g0
same "  first issues are taken over" "$(field n10 "m['acme/r1']['defects'][0]['enforce_from']")" $((T0 + 14 * DAY))
same "  it is issued later" "$(field n10 "m['acme/r1']['issued'] > $T0")" True
mv good/3.json 3.json
rotate good -o n10b --rotate g0 >/dev/null
same "  nothing of the old key is withdrawn" "$(field n10b "'acme/r3' in m")" False
mv 3.json good/3.json
at -5
rotate good -o nback --rotate g0 >/dev/null
same "  later than the old list, though the clock ran back" "$(field nback "d['issued']")" $((T0 + 1))
expect "--rotate of this very key" 2 'this very key' sign good -o x --rotate g0
cp g0 g0old
expect "--rotate over the old key's list" 2 "is another signer's list" rotate good -o g0old --rotate g0old
holds "  which must go on being served" cmp g0 g0old
expect "  nor a first list over it" 2 "is another signer's list" rotate good -o g0old --first
expect "--rotate over this signer's list" 2 'already' rotate good -o n10 --rotate g0
at 11
expect "the next list goes on from it" 0 'kept 4, signed 0' rotate good -o n11 --old n10

### Models that do not fit

at 0
for i in 1 2 3 4 5; do
    source_file crowd/$i.json CVE-$i acme/crowd '{"introduced": "9"}, {"last_affected": "9"}'
done
source_file crowd/fine.json CVE-1 acme/fine "{$V},{\"fixed\":\"2\"}"
sign crowd -o c0 --first >/dev/null
crowd() {
    local i
    for i in 1 2 3 4 5; do
        sed -i "s/\"ranges\"/\"versions\": [\"$i.1\",\"$i.2\",\"$i.3\",\"$i.4\",\"$i.5\",\"$i.6\",\"$i.7\"], &/" "crowd/$1$i.json"
    done
}
crowd ''
for i in 1 2 3 4 5; do source_file crowd/n$i.json CVE-$i acme/newcrowd '{"introduced": "9"}, {"last_affected": "9"}'; done
crowd n
at 1
expect "one model stops the list" 1 'nothing was written' sign crowd -o c1 --old c0
expect "--leave-out-refused writes it" 1 'the list was written without the news on them' \
    sign crowd -o c1 --old c0 --leave-out-refused
expect "  names what says the same as before" 1 '^as before +1' sign crowd -o c1 --old c0 --leave-out-refused
cp out told
holds "    by name" grep -q '^ *acme/crowd$' told
expect "  and what is left out" 1 '^left out +1' sign crowd -o c1 --old c0 --leave-out-refused
same "  the former keeps its very bytes" "$(record c1 acme/crowd)" "$(record c0 acme/crowd)"
same "  the latter is not there" "$(field c1 "'acme/newcrowd' in m")" False
at 20
sign crowd -o c20 --old c0 --leave-out-refused >/dev/null 2>&1
same "  it is dated anew if need be" "$(field c20 "m['acme/crowd']['issued']")" $((T0 + 20 * DAY))
same "  with its first issues" "$(field c20 "m['acme/crowd']['defects'][0]['enforce_from']")" $((T0 + 14 * DAY))

### A head-end takes a list of mixed issue times, and devices see what it says

unset SOURCE_DATE_EPOCH
musterd=${muster%muster}musterd
chmod 755 "$work" # musterd reads as another user
port=$((20000 + RANDOM % 20000))
"$muster" key new authority >/dev/null
"$muster" anchor new -o authority.anchor --name A --key authority.pub >/dev/null
"$muster" standing --key authority --signer signer.pub --name ISP --level good -o signer.standing >/dev/null
now=$(date +%s)
rm -rf src && for i in 1 2 3; do source_file src/$i.json CVE-$i acme/m$i "{$V},{\"fixed\":\"2.0\"}" '"reason": 1, "enforce-after": 0'; done
sign src -o d1 --first --now $((now - 300)) >/dev/null
source_file src/2.json CVE-2 acme/m2 "{$V},{\"fixed\":\"3.0\"}" '"reason": 1, "enforce-after": 0'
sign src -o d2 --old d1 --now $((now - 200)) >/dev/null
same "two issue times in one list" "$(field d2 "len({x['issued'] for x in m.values()})")" 2
serve() { # LIST
    [ -z "${pid:-}" ] || { kill "$pid"; wait "$pid"; } 2>/dev/null
    "$musterd" --listen 127.0.0.1:$port --list "$1" --standing signer.standing --mode enforce --control "$work/sock" 2>log &
    pid=$!
    trap 'kill "$pid" 2>/dev/null; rm -rf "$work"' EXIT
    for _ in $(seq 100); do "$musterd" status --control "$work/sock" >/dev/null 2>&1 && break; sleep 0.05; done
}
device() { "$muster" ask 127.0.0.1:$port acme "$1" "$2" --anchor authority.anchor; }
serve d2
expect "musterd takes it; a kept advisory fails a device" 1 'verdict +fail' device m1 1.0
expect "  a changed one as well" 1 'verdict +fail' device m2 2.5
"$muster" withdraw d2 acme/m1 --key signer -o d3 --now $((now - 100)) >/dev/null
serve d3
expect "after withdraw the device is fit" 0 'verdict +fit' device m1 1.0
"$muster" revert d2 --old d3 --key signer -o d4 --now $((now - 50)) >/dev/null
serve d4
expect "after revert it fails again" 1 'verdict +fail' device m1 1.0
kill "$pid"; wait "$pid" 2>/dev/null; pid=

### Standings in bulk

at 0
mkdir st
for who in 1 2 3 4 5 6; do "$muster" key new "isp$who" >/dev/null; done
"$muster" key new elsewhere >/dev/null
vouch() { # FILE SIGNER LEVEL DAYS [OPTION...]
    local file=$1 signer=$2 level=$3 days=$4
    shift 4
    "$muster" standing --key authority --signer "$signer.pub" --name "Signer $signer" --level "$level" --days "$days" \
        -o "st/$file.standing" "$@" >/dev/null
}
said() { "$muster" show --json "st/$1.standing" | "$python" -c "
import json,sys
s=json.load(sys.stdin)
print(eval(sys.argv[1]))" "$2"; }
vouch one isp1 good 14 --floor $((T0 - 99)) --vendor acme --vendor zeta
vouch two isp2 suspended 14
vouch three isp3 revoked 14
vouch short isp4 good 4
vouch stale isp5 good 14
at 1
vouch fresh isp5 suspended 14
at 0
vouch cut isp6 revoked 14
at 1
cp st/cut.standing keep && vouch free isp6 good 14 && mv st/free.standing free && mv keep st/cut.standing && mv free st/free.standing
at 0
"$muster" standing --key elsewhere --signer isp1.pub --name X --level good -o st/theirs.standing >/dev/null
head -c 100 st/one.standing >st/half.standing
echo hello >st/README
cp -r st before
at 3
again() { "$muster" standing --renew st --key authority "$@"; }
expect "standing --renew renews what is half over" 1 '^renewed 1, living on 5, replaced 2, of others 1, broken or not written 1' again
cp err told
holds "  one broken file is named" grep -q 'half.standing: no standing' told
same "  the short one was renewed" "$(said short "s['issued']")" $((T0 + 3 * DAY))
same "  for as long as before" "$(said short "s['expires']")" $((T0 + 7 * DAY))
rm st/half.standing
at 8
expect "standing --renew after a week" 0 '^renewed 5, living on 1, replaced 2, of others 1, broken or not written 0' again
words="(s['name'], s['level'], s['floor'], s.get('vendors', s.get('scope')))"
for one in one two three short; do
    same "  $one: the same words" "$(said $one "$words")" \
        "$("$muster" show --json before/$one.standing | "$python" -c "import json,sys; s=json.load(sys.stdin); print($words)")"
done
same "  revoked stays revoked" "$(said three "s['level']")" revoked
same "  it lives 14 days again" "$(said one "s['expires'] - s['issued']")" $((14 * DAY))
holds "  a replaced word is left alone" cmp st/stale.standing before/stale.standing
holds "  an other's file as well" cmp st/theirs.standing before/theirs.standing
holds "  a good word beside a revocation too" cmp st/free.standing before/free.standing
at -3
for one in one two; do cp st/$one.standing $one.was; done
expect "with the clock set back nothing is due" 0 '^renewed 0' again
at 30
expect "what has ended is renewed" 0 '^renewed 6' again --days 7
same "  for --days" "$(said one "s['expires'] - s['issued']")" $((7 * DAY))
expect "a key that signed none of them" 2 'right key' "$muster" standing --renew st --key isp1
expect "a folder that is not there" 2 'No such file' "$muster" standing --renew missing --key authority
expect "--renew with words of its own" 2 'alone' again --level good
if command -v systemd-analyze >/dev/null; then
    mkdir units
    for unit in "$here"/packaging/systemd/muster-renew-*; do
        sed "s|/usr/bin/muster|$muster|; /^Documentation/d" "$unit" >"units/${unit##*/}"
    done
    holds "the timers' units are sound" systemd-analyze verify units/*.service units/*.timer
    fails "  without a word" test -s err
else
    skip "the timers' units are sound" "no systemd-analyze here"
    skip "  without a word" "no systemd-analyze here"
fi

tool_end
