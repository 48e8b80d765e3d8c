#!/bin/bash
# SPDX-License-Identifier: ISC
# What stands between a poisoned source and a signed list (doc/threats.md, 15): muster check and its
# rules, layers, publishers, differences, the blast limit. Prints TAP. Needs no privilege.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d /tmp/muster-review.XXXXXX)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
. "$here/tests/e2e/lib_tool.sh"
python=${PYTHON:-/usr/bin/python3}
V='"introduced": "0"'
URL='"url": "https://example.org/a"'

"$muster" key new signer >/dev/null

### check lints like a compiler

mkdir lines
cat >lines/a.json <<'END'
{
  "id": "CVE-2026-0001",
  "modified": "2026-01-01T00:00:00Z",
  "affected": [
    {
      "package": { "ecosystem": "Muster", "name": "acme/cam" },
      "ranges": [
        { "type": "ECOSYSTEM",
          "events": [ { "introduced": "1.0" },
                      { "fixed": "2\u202e" } ] },
        { "type": "SEMVER" }
      ]
    }
  ],
  "database_specific": {
    "muster": {
      "\u001b[2Jx": 1
    }
  }
}
END
expect "an error has file, line, place and rule" 1 \
    '^lines/a.json:10: error: affected\[0\].ranges\[0\].events\[1\]: .* \[text\]$' "$muster" check lines
expect "  each its own line" 1 '^lines/a.json:11: error: .*\[range-type\]$' "$muster" check lines
expect "  what has no place of its own has its parent's" 1 '^lines/a.json:16: error: .*\[key\]$' "$muster" check lines
raw() { grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80|\xc2[\x80-\x9f]' out err; }
"$muster" check lines >out 2>err
fails "controls and bidi in texts come out harmless" raw
"$muster" check --json lines >out 2>err
cp out objects
fails "  as JSON too" raw
cat >objects.py <<'END'
import json, sys
objects = [json.loads(line) for line in open("objects")]
assert all(set(o) == {"file", "line", "place", "rule", "severity", "message"} for o in objects[:-1])
print(eval(sys.argv[1], {"o": objects}))
END
same "one JSON object a problem" "$("$python" objects.py '[(x["line"], x["rule"]) for x in o[:-1]]')" \
    "[(10, 'text'), (11, 'range-type'), (16, 'key')]"
same "and a last one with the sums" "$("$python" objects.py 'o[-1]')" \
    "{'files': 1, 'models': 0, 'errors': 3, 'warnings': 0}"
mv lines/a.json "lines/"$'\u202e\e[2J.json'
"$muster" check --json lines >out 2>err
cp out objects
fails "hostile file names come out harmless" raw
same "  and are whole in JSON" "$("$python" objects.py 'ascii(o[0]["file"])')" "'lines/\\u202e\\x1b[2J.json'"
"$muster" check --rules >rules
holds "every rule is listed with a word on it" grep -Eq '^covers-all +error +every build' rules
man() { sed -n 's/^\.It Cm \([a-z-]*\)$/\1/p' "$here/doc/man/muster-check.1"; }
rules_told() { ! awk '{print $1}' rules | grep -qvxF "$(man)"; }
if [ -e "$here/doc/man/muster-check.1" ]; then holds "  and stands in the manual" rules_told; fi

source_file warn/a.json CVE-2026-0002 acme/cam '{"introduced":"2.0"}' "$URL"
source_file warn/b.json CVE-2026-0003 acme/cam_firmware "{$V},{\"fixed\":\"2.0\"}"
expect "warnings do not fail" 0 'warn/a.json:3: warning: .*\[open-end\]' "$muster" check warn
expect "  unless told to" 1 'warnings 2' "$muster" check --strict warn
expect "  names that nearly are one" 0 '"acme/cam_firmware" is nearly "acme/cam"' "$muster" check warn
mkdir -p shut/in && chmod 0 shut/in && chmod 755 . shut
if [ "$(id -u)" != 0 ]; then
    expect "a folder below that cannot be read" 1 'shut/in: error: .*\[folder-unreadable\]' "$muster" check shut
elif setpriv --reuid=65534 --clear-groups true 2>/dev/null; then
    expect "a folder below that cannot be read" 1 'shut/in: error: .*\[folder-unreadable\]' \
        setpriv --reuid=65534 --clear-groups "$muster" check shut
else
    skip "a folder below that cannot be read" "root reads everything here"
fi

### what covers everything is not signed unattended

source_file all/a.json CVE-2026-0004 acme/cam "{$V}" "$URL"
expect "check refuses what covers every build" 1 'all/a.json:3: error: .*\[covers-all\]' "$muster" check all
expect "poisoned list: sign refuses every build" 1 'nothing was written' "$muster" sign all --key signer -o all.list --first
fails "  and wrote nothing" test -e all.list
source_file all/a.json CVE-2026-0004 acme/cam "{$V}" "$URL, \"all-builds\": true"
expect "unless the file says that it is meant" 0 '^new +1' "$muster" sign all --key signer -o all.list --first
source_file never/a.json CVE-2026-0006 muster.test/never-fail "{$V},{\"fixed\":\"2.0\"}" "$URL"
expect "poisoned list: never-fail is refused" 1 'never-fail must never.*\[reserved\]' "$muster" check never
expect "  by sign as well" 1 'nothing was written' "$muster" sign never --key signer -o x --first
source_file covered/a.json CVE-2026-0005 acme/cam "{$V},{\"fixed\":\"2.0\"}" '"fixed-in": "1.9"'
expect "a fixed build that is covered" 1 'covered/a.json:[0-9]+: error: .*\[fixed-covered\]' "$muster" check covered
expect "  sign refuses it too" 1 'nothing was written' "$muster" sign covered --key signer -o x --first

### what a list would do to the devices that were seen

T0=1790000000
export SOURCE_DATE_EPOCH=$T0
cat >seen.tsv <<'END'
# seen in March
acme	cam	1.5	0	900
acme	cam	2.0	0	50
acme	tv	1.0	0	40
acme	tv	1.0	7	10
END
source_file one/cam.json CVE-2026-0010 acme/cam "{$V},{\"fixed\":\"1.0\"}" "$URL"
source_file one/tv.json CVE-2026-0011 acme/tv "{$V},{\"fixed\":\"1.1\"}" "$URL, \"enforce-after\": 0"
expect "without a tally the blast is unknown, in one line" 0 '^blast +unknown' \
    "$muster" sign one --key signer -o l1 --first
rm l1
expect "with one it is told" 0 '^blast +50 of 1000 devices seen newly fail \(5.0 %\)' \
    "$muster" sign one --key signer -o l1 --first --tally seen.tsv
mkdir two && cp one/* two/
source_file two/cam.json CVE-2026-0010 acme/cam "{$V},{\"fixed\":\"2.1\"}" "$URL"
cp l1 l1.before
blast() { "$muster" sign two --key signer -o l1 --old l1 --tally seen.tsv "$@"; }
expect "poisoned list: a blast over the limit stops signing" 1 '950 of 1000 devices seen would newly fail \(95.0 %' blast
expect "  tells which builds" 1 ' 900  acme/cam "1.5"' blast
expect "  and how to go on" 1 'accept-blast 950' blast
holds "  and nothing was written" cmp l1 l1.before
expect "fewer than that are not enough" 1 'nothing was written' blast --accept-blast 949
expect "a higher limit" 0 '^changed +1' blast --blast-limit 95
cp l1.before l1
expect "or the very number" 0 '^changed +1' blast --accept-blast 950
cp l1 l2
cp l1.before l1
expect "--accept-blast needs a tally" 2 'give both' "$muster" sign two --key signer -o l1 --old l1 --accept-blast 9
expect "a dry run tells the difference" 0 '^~ acme/cam changed' blast --dry-run --blast-limit 100
expect "  with the same limit" 1 'nothing was written' blast --dry-run
holds "  and writes nothing" cmp l1 l1.before
expect "  and needs no key" 0 '^added 2, changed 0' "$muster" sign two --dry-run --first
printf 'acme\tcam\t1\n' >bad.tsv
expect "a line that is no row is told with its line" 1 '^bad.tsv:1: error: .*\[tally\]' \
    "$muster" sign two --key signer -o l1 --old l1 --tally bad.tsv
expect "a tally that is not there" 2 'missing.tsv: error: No such file' \
    "$muster" sign two --key signer -o l1 --old l1 --tally missing.tsv
holds "  nothing was written" cmp l1 l1.before

### diff

expect "diff: no difference" 0 '^added 0, changed 0, withdrawn 0, left 0, renewed 2' "$muster" diff l1 l1
expect "diff: what it covers now" 1 'covers builds before "2.1"' "$muster" diff l1 l2
expect "  and no more" 1 '^ +- covers builds before "1.0"' "$muster" diff l1 l2
expect "  how many devices newly fail" 1 'newly fail +950 \(95.0 %\)' "$muster" diff l1 l2 --tally seen.tsv
expect "  and the other way, are released" 1 'released +950' "$muster" diff l2 l1 --tally seen.tsv
expect "diff: a first list" 1 '^\+ acme/cam added' "$muster" diff - l2
expect "diff: from standard input, a folder, nothing" 2 '' "$muster" diff l1 one
rm two/tv.json
"$muster" sign two --key signer -o l3 --old l2 >/dev/null
expect "diff: withdrawn" 1 '^- acme/tv withdrawn' "$muster" diff l2 l3
"$muster" sign two --key signer -o l4 --first >/dev/null
expect "diff: left" 1 '^- acme/tv left' "$muster" diff l2 l4
"$muster" diff l1 l2 --tally seen.tsv --json >objects
holds "diff: as JSON" "$python" -c '
import json
d = json.load(open("objects"))
assert d["counts"]["changed"] == 1 and d["devices"]["newly_fail"]["devices"] == 950
assert [m["model"] for m in d["models"]] == ["acme/cam"] and d["models"][0]["defects"][0]["id"] == "CVE-2026-0010"
assert d["devices"]["newly_fail"]["largest"][0] == {"model": "acme/cam", "build": "1.5", "number": 0, "devices": 900}
'
unset SOURCE_DATE_EPOCH
expect "explain: how many such devices" 0 '50 such devices were seen, 5.3 % of the 950 of this model' \
    "$muster" explain l1 acme cam 2.0 --tally seen.tsv
expect "explain: with a number" 1 '10 such devices' "$muster" explain l1 acme tv 1.0 7 --tally seen.tsv
expect "explain: a bad tally" 2 'bad.tsv:1' "$muster" explain l1 acme tv 1.0 --tally bad.tsv

### layers

source_file cert/cam.json CVE-2026-0020 acme/cam "{$V},{\"fixed\":\"1.0\"}" "$URL"
source_file cert/tv.json CVE-2026-0021 acme/tv "{$V},{\"fixed\":\"1.0\"}" "$URL"
source_file cert/dsl.json CVE-2026-0022 acme/dsl "{$V},{\"fixed\":\"1.0\"}" "$URL"
source_file own/cam.json CVE-2026-0020 acme/cam "{$V},{\"fixed\":\"0.9\"}" "$URL"
source_file own/car.json CVE-2026-0023 acme/car "{$V},{\"fixed\":\"1.0\"}" "$URL"
printf '# what we do not cut\nacme/tv our own builds are patched\nacme/dsl/CVE-2026-0022\n' >own/suppress
expect "layers: what the later folder does" 0 '^own: adds 1, changes 1, withdraws 0, suppressed 0' "$muster" check cert own
expect "  and what it takes away" 0 '^cert: adds 0, changes 0, withdraws 0, suppressed 2' "$muster" check cert own
expect "  by name" 0 '^cert/tv.json: suppressed acme/tv CVE-2026-0021' "$muster" check --verbose cert own
expect "  two models are left" 0 'models 2,' "$muster" check cert own
"$muster" check --json cert own >objects
same "  as JSON" "$("$python" -c 'import json; print(json.loads(open("objects").read().splitlines()[-1])["layers"][1]["changes"])')" 1
"$muster" sign cert own --key signer -o layered --first >/dev/null
expect "the signed list says so" 0 'nothing on this model' "$muster" explain layered acme tv 0.5
expect "  and has the changed range" 0 'does not cover' "$muster" explain layered acme cam 0.95
echo 'acme/boat' >>own/suppress
expect "a line that takes nothing away is stale" 0 '^own/suppress:4: warning: .*acme/boat.*\[stale\]' "$muster" check cert own
echo 'acme/*' >>own/suppress
expect "a line that is none is an error" 1 '^own/suppress:5: error: .*\[suppress\]' "$muster" check cert own
expect "  for sign as well" 1 'nothing was written' "$muster" sign cert own --key signer -o x --first
sed -i 4,5d own/suppress

### publishers

"$muster" key new publisher >/dev/null
"$muster" key new stranger >/dev/null
mkdir -p cert/sub && mv cert/dsl.json cert/sub/
expect "publish" 0 '^files 3: added 3, changed 0, removed 0' "$muster" publish cert --key publisher --name 'Example CERT'
digest=$(sed -n 's/^digest //p' out)
same "prints the manifest's digest" "$digest" "$("$python" -c 'import hashlib; print(hashlib.sha512(open("cert/muster.manifest","rb").read()).digest()[:32].hex())')"
holds "CHANGES tells by model and id" grep -q 'added    acme/cam CVE-2026-0020 (cam.json)' cert/CHANGES
verified() { "$muster" check cert own --publisher publisher.pub "$@"; }
expect "who has the key can check" 0 'problems 0' verified
expect "  and sign" 0 '^new +2' "$muster" sign cert own --publisher publisher.pub --key signer -o x --first
rm -f x
cp -r cert kept
tampered() { # NAME WORDS: check and sign refuse, naming the file; the folder is put back
    expect "$1" 1 "$2" verified
    expect "  sign refuses too" 1 'nothing was written' "$muster" sign cert own --publisher publisher.pub --key signer -o x --first
    rm -rf cert && cp -r kept cert
}
sed -i 's/"1.0"/"9.0"/' cert/cam.json
tampered "poisoned list: a changed file in a published folder" '^cert/cam.json: error: .*\[tampered\]'
cp cert/cam.json cert/sub/more.json
tampered "a file more" '^cert/sub/more.json: error: .*\[unlisted\]'
rm cert/sub/dsl.json
tampered "a file less" '^cert/sub/dsl.json: error: .*\[missing\]'
echo 'acme/cam' >cert/suppress
tampered "a suppress more" '^cert/suppress: error: .*\[unlisted\]'
sed -i '/cam.json/d' cert/muster.manifest && rm cert/cam.json
tampered "a changed manifest" 'muster.manifest.sig: error: .*does not verify.*\[manifest\]'
sed -i 's/\tcam.json/\t..\/own\/cam.json/' cert/muster.manifest
tampered "a manifest that points outside" 'muster.manifest:[0-9]+: error: .*no path inside.*\[manifest\]'
rm cert/muster.manifest.sig
tampered "no signature" 'muster.manifest.sig: error: No such file.*\[manifest\]'
rm cert/muster.manifest && ln -s /etc/hostname cert/muster.manifest
tampered "something else as the manifest" '\[manifest\]'
rm cert/cam.json && ln -s ../own/cam.json cert/cam.json
tampered "a link to another file" '^cert/cam.json: error: .*\[tampered\]'
expect "a folder that another key published" 0 'another key published this folder before' \
    "$muster" publish cert --key stranger
tampered "published by a stranger" 'muster.manifest.sig: error: is by another key.*\[manifest\]'
expect "publishers go with the folders in their order" 1 '^own/muster.manifest: error: ' \
    "$muster" check own cert --publisher publisher.pub
expect "  - is none" 0 'problems 0' "$muster" check own cert --publisher - --publisher publisher.pub
expect "  more than folders" 2 'publishers for' "$muster" check cert --publisher - --publisher publisher.pub
sed -i 's/"1.0"/"1.1"/' cert/cam.json && rm cert/tv.json && printf 'acme/dsl\n' >cert/suppress
expect "publishing again tells what changed" 0 '^files 3: added 1, changed 1, removed 1' "$muster" publish cert --key publisher
holds "  in CHANGES, before what stood there" sh -c 'sed -n 2,4p cert/CHANGES | grep -q "changed  acme/cam" &&
    sed -n 2,4p cert/CHANGES | grep -q "removed  acme/tv CVE-2026-0021" && grep -q "added    acme/tv" cert/CHANGES'
cp cert/CHANGES before
expect "and again without a change" 0 'added 0, changed 0, removed 0' "$muster" publish cert --key publisher
fails "  by the same key is no change of hands" grep -q 'another key' err
holds "  leaves CHANGES alone" cmp cert/CHANGES before
cp cert/muster.manifest before
source_file cert/bad.json CVE-2026-0029 acme/bad "{$V}" "$URL"
expect "problems stop publishing" 1 'nothing was published' "$muster" publish cert --key publisher
holds "  nothing was written" cmp cert/muster.manifest before

rm cert/bad.json
line() { printf '{"id":"%s","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Muster","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"%s"}]}]}],"database_specific":{"muster":{%s}}}\n' "$@" "$URL"; }
{ line CVE-2026-0030 acme/a 1.0; line CVE-2026-0031 acme/b 1.0; } >cert/many.jsonl
expect "a file of one document a line is published" 0 'added 1, changed 0' "$muster" publish cert --key publisher
holds "  without a model of its own" grep -q $'\tmany.jsonl\t-\t-$' cert/muster.manifest
expect "  and checked" 0 'problems 0' verified
sed -i '2s/"1.0"/"9.0"/' cert/many.jsonl
expect "  changed, it is told" 1 '^cert/many.jsonl: error: .*\[tampered\]' verified
{ line CVE-2026-0030 acme/a 1.0; line CVE-2026-0030 acme/a 1.1; echo; line CVE-2026-0032 acme/c -; } >cert/many.jsonl
expect "problems in it have their line" 1 '^cert/many.jsonl:2: error: id: .*\[duplicate\]' "$muster" check cert
expect "  each" 1 '^cert/many.jsonl:4: error: affected\[0\].ranges\[0\]: .*\[events\]' "$muster" check cert

tool_end
