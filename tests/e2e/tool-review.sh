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
expect "sign refuses it too" 1 'nothing was written' "$muster" sign all --key signer -o all.list --first
fails "  and wrote nothing" test -e all.list
source_file all/a.json CVE-2026-0004 acme/cam "{$V}" "$URL, \"all-builds\": true"
expect "unless the file says that it is meant" 0 '^new +1' "$muster" sign all --key signer -o all.list --first
source_file covered/a.json CVE-2026-0005 acme/cam "{$V},{\"fixed\":\"2.0\"}" '"fixed-in": "1.9"'
expect "a fixed build that is covered" 1 'covered/a.json:[0-9]+: error: .*\[fixed-covered\]' "$muster" check covered
expect "  sign refuses it too" 1 'nothing was written' "$muster" sign covered --key signer -o x --first

tool_end
