#!/bin/bash
# SPDX-License-Identifier: ISC
# muster import from feeds to files and back: what is written, merged, kept and refused, whatever is
# in a feed and whatever stops the program. Prints TAP. Needs no privilege. All records here are
# made up.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
data=${MUSTER_DATA:-$here/../shared/data}
work=$(mktemp -d /tmp/muster-import.XXXXXX)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
. "$here/tests/e2e/lib_tool.sh"
python=${PYTHON:-/usr/bin/python3}

# Prints made-up records, as its arguments say.
cat >feed.py <<'END'
import json, random, sys

def cve5(cve, vendor="acme", product="cam", until="2.0", **more):
    version = {"version": "1.0", "lessThan": until, "status": "affected", "versionType": "custom"}
    version.update(more)
    return {"dataType": "CVE_RECORD", "dataVersion": "5.1",
            "cveMetadata": {"cveId": cve, "state": "PUBLISHED", "dateUpdated": "2024-01-02T00:00:00Z"},
            "containers": {"cna": {
                "providerMetadata": {"orgId": "x", "shortName": "acme"},
                "descriptions": [{"lang": "en", "value": "A fault."}],
                "affected": [{"vendor": vendor, "product": product, "defaultStatus": "unaffected",
                              "versions": [version]}]}}}

def rejected(cve):
    record = cve5(cve)
    record["cveMetadata"]["state"] = "REJECTED"
    record["containers"]["cna"] = {"providerMetadata": {"orgId": "x"},
                                   "rejectedReasons": [{"lang": "en", "value": "Not one."}]}
    return record

def nvd2(cve, model="cam", until="2.0", text="A fault."):
    return {"cve": {"id": cve, "lastModified": "2024-01-03T00:00:00.000", "vulnStatus": "Analyzed",
                    "descriptions": [{"lang": "en", "value": text}],
                    "configurations": [{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": [
                        {"vulnerable": True, "versionStartIncluding": "1.0",
                         "criteria": "cpe:2.3:o:acme:%s_firmware:*:*:*:*:*:*:*:*" % model,
                         "versionEndExcluding": until}]}]}]}}

def kev(*cves):
    return {"title": "catalogue", "count": len(cves), "vulnerabilities": [
        {"cveID": cve, "vendorProject": "Acme", "product": "Cam", "vulnerabilityName": "Acme fault",
         "dateAdded": "2024-02-01", "shortDescription": "A fault."} for cve in cves]}

def many(n):
    for i in range(n):
        yield cve5("CVE-2024-%d" % i, "acme%d" % (i % 7), "cam%d" % i)

def page(megabytes):
    text = "x" * 3000
    sys.stdout.write('{"resultsPerPage": 1, "vulnerabilities": [\n')
    for i in range(megabytes * 1000000 // 3500):
        sys.stdout.write(("," if i else "") + json.dumps(nvd2("CVE-2024-%d" % i, "cam%d" % i, "2.0", text)) + "\n")
    sys.stdout.write("]}\n")

def mutants(n):
    random.seed(7)
    for i in range(n):
        clean = bytearray(json.dumps(cve5("CVE-2024-1"), indent=1).encode())
        for _ in range(random.randint(1, 3)):
            at = random.randrange(len(clean))
            what = random.randrange(4)
            if what == 0:
                clean[at] = random.randrange(256)
            elif what == 1:
                del clean[at:at + random.randrange(20)]
            elif what == 2:
                clean[at:at] = random.choice([b'"', b"{", b"[", b"]", b"}", b"\\", b",", b"\0", b"\xff"])
            else:
                del clean[at + 1:]
        open("mutants/%d.json" % i, "wb").write(clean)

what = eval(sys.argv[1])
for record in [what] if isinstance(what, dict) else what or []:
    print(json.dumps(record))
END
feed() { "$python" feed.py "$1"; }
state() { (cd "$1" && find . -type f -printf '%p %i %T@ ' -exec sha256sum {} \; | sort); }
files() { (cd "$1" && find . -type f | sort | tr '\n' ' '); }
last() { tail -n 1 out; }
# No file of the folder is anything but whole, and none is in two places.
cat >whole.py <<'END'
import json, os, sys

seen = set()
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        assert name.endswith(".json") and not name.startswith("."), name
        path = os.path.relpath(os.path.join(folder, name), sys.argv[1])
        document = json.load(open(os.path.join(folder, name)))
        assert document["database_specific"]["muster_import"]["digest"], path
        key = path[len("review/"):] if path.startswith("review/") else path
        assert key not in seen, path
        seen.add(key)
assert "--some" not in sys.argv or seen
END

### files

feed '[cve5("CVE-2024-1"), cve5("CVE-2024-2", "acme", "dvr", "n/a"), rejected("CVE-2024-3")]' >a.jsonl
expect "figures without a folder" 0 '^dry run' "$muster" import cve5 a.jsonl
same "  whose last line adds up" "$(last)" "records 3, listed 1, exact 0, review 2"
same "  and nothing is written" "$(files .)" "./a.jsonl ./err ./feed.py ./out ./whole.py "
expect "files in a folder" 0 'written 2,' "$muster" import cve5 -o own a.jsonl
same "  each at its place" "$(files own)" "./acme/cam/CVE-2024-1.json ./review/acme/dvr/CVE-2024-2.json "
expect "  that check takes, all but review" 0 'files 1, models 1, problems 0' "$muster" check own
state own >before
expect "again: nothing is written" 0 'written 0, unchanged 2,' "$muster" import cve5 -o own a.jsonl
state own >after
holds "  not a byte, nor a time" cmp before after
expect "a pipe is a feed" 0 '' bash -c "cat a.jsonl | '$muster' import cve5 -o own -"
same "  with the same figures" "$(last)" "records 3, listed 1, exact 0, review 2"
expect "JSON instead of text" 0 '^  "review": 2,' "$muster" import cve5 --json a.jsonl
cp out figures
holds "  nothing but JSON, that adds up" "$python" -c 'import json
f = json.load(open("figures"))
assert f["records"] == f["listed"] + f["exact"] + f["review"] == 3
assert sum(f["reasons"].values()) == f["review"], f'
expect "a line for each model" 0 '^listed  CVE-2024-1 acme/cam$' "$muster" import cve5 --verbose a.jsonl

### feeds together

feed 'nvd2("CVE-2024-1", "cam", "3.0")' >nvd.json
expect "another feed that contradicts" 0 'review 1$' "$muster" import nvd2 -o own nvd.json
same "  moves the file to review" "$(files own)" "./review/acme/cam/CVE-2024-1.json ./review/acme/dvr/CVE-2024-2.json "
feed '{"vulnerabilities": [nvd2("CVE-2024-1", "cam", "2.0")]}' >nvd.json
expect "and one that agrees" 0 'listed 1, ' "$muster" import nvd2 -o own nvd.json
same "  moves it back" "$(files own)" "./acme/cam/CVE-2024-1.json ./review/acme/dvr/CVE-2024-2.json "
feed 'kev("CVE-2024-1", "CVE-2024-9")' >kev.json
expect "kev marks" 0 'records 2, listed 0, exact 0, review 2' "$muster" import kev -o own kev.json
holds "  what is there" grep -q '"reason": "known-exploited"' own/acme/cam/CVE-2024-1.json
holds "  and lists what is not" test -f own/review/%none/CVE-2024-9.json
expect "or in the same run" 0 '' "$muster" import cve5 -o marked --kev kev.json a.jsonl
holds "  with the same mark" grep -q '"reason": "known-exploited"' marked/acme/cam/CVE-2024-1.json
feed 'rejected("CVE-2024-1")' >rejected.json
expect "a rejected record takes its words back" 0 'records 1, listed 0, exact 0, review 1' \
    "$muster" import cve5 -o own rejected.json
holds "  but not those of others" test -f own/acme/cam/CVE-2024-1.json
expect "  and without others it is withdrawn" 0 'withdrawn 1,' "$muster" import cve5 -o marked rejected.json
holds "  so that sign withdraws it" grep -q '"withdrawn"' marked/acme/cam/CVE-2024-1.json
expect "  and check takes it" 0 'models 0, problems 0' "$muster" check marked

### people

"$muster" import cve5 -o mine a.jsonl >/dev/null
sed -i 's/"A fault."/"I have seen this one."/' mine/acme/cam/CVE-2024-1.json
cp mine/acme/cam/CVE-2024-1.json edited
feed '[cve5("CVE-2024-1", until="9.0")]' >b.json
expect "an edited file is kept, and named" 1 'acme/cam/CVE-2024-1.json: edited by hand' \
    "$muster" import cve5 -o mine b.json
holds "  as it is" cmp edited mine/acme/cam/CVE-2024-1.json
holds "  and what was read is in review" grep -q '"until": "9.0"' mine/review/acme/cam/CVE-2024-1.json

### names and selection

expect "only one vendor" 0 '^passed over: 2$' \
    "$muster" import cve5 --only ACME/CAM a.jsonl
same "  is counted alone" "$(last)" "records 1, listed 1, exact 0, review 0"
expect "nothing but what is left out is told" 0 'names compare whole' "$muster" import cve5 --only acme/ca a.jsonl
expect "another feed's records are told" 1 "is it another feed's" "$muster" import nvd2 a.jsonl
expect "only by whole names" 0 '^records 0,' "$muster" import cve5 --only acme/ca --only acm a.jsonl
feed 'cve5("CVE-2024-5", "Acme Inc", "Super Cam")' >c.json
printf 'acme inc\tsuper cam\t*\tacme/scam\n' >names.tsv
expect "names.tsv says what a name means" 0 '' "$muster" import cve5 -o named --names names.tsv c.json
same "  to files" "$(files named)" "./acme/scam/CVE-2024-5.json "
cp names.tsv named/
"$muster" import cve5 -o named c.json >out 2>err
same "  and is found in the folder" "$(files named)" "./acme/scam/CVE-2024-5.json ./names.tsv "
rm named/names.tsv
"$muster" import cve5 -o named c.json >out 2>err
same "  and a model that is no longer meant is withdrawn" "$(grep -lr '"withdrawn"' named)" \
    "named/acme/scam/CVE-2024-5.json"
printf 'acme\tcam\n' >bad.tsv
expect "a mistake in names.tsv stops it" 2 'bad.tsv:1: error: must have four fields' \
    "$muster" import cve5 --names bad.tsv c.json

feed '[cve5("CVE-2024-6", "d-link", "dir-823g"), cve5("CVE-2024-7", "n/a", "dlink dir-823g"), cve5("CVE-2024-8", "dlink", "dir-823")]' >s.jsonl
feed 'nvd2("CVE-2024-7", "dir-823g")' | sed 's/:acme:/:dlink:/' >s.json
"$muster" import cve5 -o apart s.jsonl >/dev/null && "$muster" import nvd2 -o apart s.json >/dev/null
expect "names that may belong together are suggested" 0 "^d-link	dir-823g	-	dlink/dir-823g$" \
    "$muster" names suggest apart
cp out apart/names.tsv
same "  with reasons, and no others" "$(grep -c '^# likely: ' out) $(grep -vc '^#' out) $(grep -c 'dlink/dir-823$' out)" "2 2 0"
printf 'dlink\tdir-823g\t1.0\t0\t9\nwho\tknows\t1.0\t0\t7\n' >tally
expect "  and lie in names.tsv as they are printed" 0 '^# 7	who/knows$' \
    "$muster" names suggest apart --names apart/names.tsv --tally tally
same "  where they are not suggested again" "$(grep -vc '^#' out)" 0
"$muster" import cve5 -o apart s.jsonl >out 2>err
same "  and are applied" "$(last) $(ls apart/dlink)" "records 3, listed 3, exact 0, review 0 $(printf 'dir-823\ndir-823g')"

### one id for two products

csaf() { # NAME RANGE NAME RANGE: a document with two products of one id
    "$python" -c '
import json, sys
a = sys.argv[1:]
print(json.dumps({"document": {"csaf_version": "2.0", "publisher": {"name": "Acme"}, "tracking": {"id": "ACME-1"}},
    "product_tree": {"branches": [{"category": "vendor", "name": "acme", "branches": [
        {"category": "product_name", "name": a[i], "branches": [
            {"category": "product_version_range", "name": a[i + 1], "product": {"name": "x", "product_id": "P"}}]}
        for i in (0, 2)]}]},
    "vulnerabilities": [{"cve": "CVE-2024-1111", "product_status": {"known_affected": ["P"]}}]}))' "$@" >ids.json
    "$muster" import csaf ids.json >out 2>err
    last
}
same "the same product twice is one" "$(csaf cam '<1.0' cam '<1.0')" "records 1, listed 1, exact 0, review 0"
same "one id for two ranges is a case for review" "$(csaf cam '<1.0' cam '<9.0')" "records 1, listed 0, exact 0, review 1"
same "  and for two models" "$(csaf cam '<9.0' tv '<9.0')" "records 1, listed 0, exact 0, review 1"

### hostile words

feed '[cve5("CVE-2024-1", "../../../etc", "../../passwd"), cve5("CVE-2024-1", "..", ".."), cve5("CVE-2024-1", "review", ".git"), cve5("../../../../x"), cve5("/etc/x"), cve5("CVE-2024-1\u202e\u001b[2J", "\u001b[31m", "\u202eabc")]' >games.jsonl
run "$muster" import cve5 -o games/deep/er games.jsonl
same "a folder is made, but not its parents" "$status $(ls)" "2 $(ls)"
mkdir -p games/deep
run "$muster" import cve5 -o games/deep/er --verbose games.jsonl
same "names lead nowhere" "$(find games -mindepth 1 -maxdepth 2)" "$(printf 'games/deep\ngames/deep/er')"
holds "  and are whole files" "$python" whole.py games/deep/er
raw() { grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80' out err || grep -rqP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80' games; }
fails "  and harmless to look at" raw
mkdir -p links outside && ln -s ../outside links/acme
expect "a symbolic link in the folder is not followed" 2 'symbolic link' "$muster" import cve5 -o links a.jsonl
same "  anywhere" "$(files outside)" ""

### malformed documents

refused() { # NAME WORDS FILE
    expect "$1" 1 "^$3:$2" "$muster" import cve5 "$3"
    tail -n 1 out | grep -Eq '^records 1, listed 1, ' || result 1 "  and the next record is read"
}
{ feed 'cve5("CVE-2024-2")' && printf %s "$(feed 'cve5("CVE-2024-1")' | cut -c -300)"; } >f.jsonl
refused "a document cut short" '2: error: ends before this record is whole' f.jsonl
printf '\xff\n' >n.json && feed 'cve5("CVE-2024-1")' >>n.json
expect "no UTF-8" 1 '^n.json:1: error: is not UTF-8' "$muster" import cve5 n.json
{ feed 'cve5("CVE-2024-1")' | sed 's/A fault/A \xc0\xaf fault/' && feed 'cve5("CVE-2024-2")'; } >u.jsonl
refused "no UTF-8 in a text" '1: error: unable to decode byte 0xc0' u.jsonl
{ feed 'cve5("CVE-2024-1")' | sed 's/A fault/A \\ud800 fault/' && feed 'cve5("CVE-2024-2")'; } >s.jsonl
refused "half a surrogate pair" '1: error: invalid Unicode' s.jsonl
{ feed 'cve5("CVE-2024-1")' | sed 's/A fault/A \\u0000 fault/' && feed 'cve5("CVE-2024-2")'; } >z.jsonl
refused "NUL" '1: error: .*0000 is not allowed' z.jsonl
{ feed 'cve5("CVE-2024-1")' | sed 's/{"version"/{"lessThan": "9.9", "version"/' && feed 'cve5("CVE-2024-2")'; } >d.jsonl
refused "a key twice" '1: error: duplicate object key' d.jsonl
{ "$python" -c 'print("{\"a\":" * 100000 + "1" + "}" * 100000)' && feed 'cve5("CVE-2024-2")'; } >deep.jsonl
refused "nesting" '1: error: nested deeper than 64' deep.jsonl
{ "$python" -c 'print("{\"a\":\"" + "x" * 17000000 + "\"}")' && feed 'cve5("CVE-2024-2")'; } >huge.jsonl
refused "a huge record" '1: error: a record of more than 16 MiB' huge.jsonl
{ "$python" -c 'print("{\"a\":[" + "0," * 5000000 + "0]}")' && feed 'cve5("CVE-2024-2")'; } >wide.jsonl
refused "a record of many values" '1: error: a record of more than a million' wide.jsonl
{ echo '{"a": 1}' && feed 'cve5("CVE-2024-2")'; } >other.jsonl
refused "no record of this feed" '1: error: no cve5 record: ' other.jsonl
gzip -c a.jsonl >a.json
expect "a packed file" 1 'a.json:1: error: is packed; unpack it, as in zcat' "$muster" import cve5 a.json
mkdir mutants && feed 'mutants(400)'
run timeout 60 "$muster" import cve5 -o mutated mutants
same "mutants of a record do no harm" "$status" 1
holds "  to the folder" "$python" whole.py mutated
cat >wider.py <<'END'
import json, os

for folder, _, names in os.walk("mutated"):
    for name in names:
        if not folder.startswith("mutated/review"):
            document = json.load(open(os.path.join(folder, name)))
            for entry in document.get("affected", []):
                for r in entry.get("ranges", []):
                    assert len(r["events"]) == 2, document
END
holds "  nor open a range" "$python" wider.py
expect "a file that is not there" 2 'No such file' "$muster" import cve5 absent.json
expect "a feed that is not there" 2 "there is no feed 'cve6'" "$muster" import cve6 a.jsonl

### stopped in the midst

feed 'many(8000)' >many.jsonl
"$muster" import cve5 -o whole many.jsonl >out 2>err
for n in 1 2 3; do
    "$muster" import cve5 -o killed many.jsonl >out 2>err &
    sleep 0.$((2 * n - 1))
    kill -9 $! && wait $! 2>/dev/null
    find killed -name '.*' -type f -delete
    holds "killed, each file is whole ($n)" "$python" whole.py killed
done
"$muster" import cve5 -o killed many.jsonl >out 2>err
holds "  and another run ends the work" diff -r whole killed
"$muster" import cve5 -o interrupted many.jsonl >out 2>err &
sleep 0.3
kill -INT $! && wait $!
same "interrupted, it says so" "$? $(grep -c '^records' out) $(grep -c interrupted err)" "2 0 1"
holds "  and leaves whole files alone" "$python" whole.py interrupted --some
mkfifo slow
"$muster" import cve5 -o locked slow >/dev/null 2>&1 &
exec 3>slow
sleep 0.3
run "$muster" import cve5 -o locked a.jsonl
cp err said
exec 3>&-
wait
same "one import at a time" "$status $(grep -c 'another import' said)" "2 1"

### memory

cat >rss.py <<'END'
import resource, subprocess, sys

feed = subprocess.Popen([sys.executable, "feed.py", "page(300)"], stdout=subprocess.PIPE)
subprocess.run([sys.argv[1], "import", "nvd2", "-"], stdin=feed.stdout, check=True)
feed.stdout.close()
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(usage.ru_maxrss, "KiB")
END
run bash -c "ulimit -v 400000; exec '$python' rss.py '$muster'"
cp out said
same "a page of 300 MB through a pipe in less than 64 MiB" \
    "$status $(($(grep KiB said | cut -d' ' -f1) < 65536))" "0 1"
same "  and every record is read" "$(grep -c '^records 85714, listed 85714,' said)" 1

### real records, where they are

if [ -d "$data/cve5" ]; then
    for set in cve5/cve5 cve5/cve5-retyped nvd2/nvd2 nvd2/nvd2-pages nvd2/nvd2-retyped csaf/csaf; do
        run "$muster" import "${set%/*}" -o real "$data/${set#*/}"
        same "every record of $set ends in one answer" \
            "$(last | sed 's/[^0-9]/ /g' | awk '{ print ($1 > 0 && $1 == $2 + $3 + $4) }')" 1
    done
    state real >before
    for set in cve5/cve5 nvd2/nvd2-pages csaf/csaf; do
        "$muster" import "${set%/*}" -o real "$data/${set#*/}" >out 2>err
    done
    state real >after
    holds "and again changes no byte" cmp before after
    holds "all files are whole" "$python" whole.py real
else
    skip "every record ends in one answer" "no MUSTER_DATA here"
fi
tool_end
