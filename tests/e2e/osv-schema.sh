#!/bin/bash
# SPDX-License-Identifier: ISC
# Our advisory files, and what `muster import` writes, are valid against the OSV schema but for the
# ecosystem's name. The schema is third-party data and not part of the project: it is looked for in
# $MUSTER_DATA, or ../shared/data. TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1
schema=${MUSTER_DATA:-../shared/data}/osv/schema.json
python=${PYTHON:-/usr/bin/python3}

if [ ! -r "$schema" ] || ! "$python" -c 'import jsonschema' 2>/dev/null; then
    echo "ok 1 - advisory files keep the OSV schema # SKIP no OSV schema here (set MUSTER_DATA), or no python3-jsonschema"
    echo 1..1
    exit 0
fi

work=$(mktemp -d /tmp/muster-schema.XXXXXX)
trap 'rm -rf "$work"' EXIT
cat >"$work/feed.jsonl" <<'END'
{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{"cveId":"CVE-2024-1","state":"PUBLISHED","datePublished":"2024-01-01T01:02:03.456Z","dateUpdated":"2024-01-02T00:00:00"},"containers":{"cna":{"providerMetadata":{"orgId":"x"},"descriptions":[{"lang":"en","value":"A fault."}],"references":[{"url":"https://example.org/a"}],"affected":[{"vendor":"acme","product":"cam","defaultStatus":"unaffected","versions":[{"version":"1.0","lessThan":"2.0","status":"affected"}]},{"vendor":"acme","product":"dvr","versions":[{"version":"3.1","status":"affected"}]},{"vendor":"acme","product":"nvr","versions":[{"version":"n/a","status":"affected"}]},{"vendor":"n/a","product":"n/a"}]}}}
END
muster=${MUSTER_BIN:-build/bin}/muster
"$muster" import cve5 -o "$work/made" "$work/feed.jsonl" >/dev/null || exit 1
sed -i 's/PUBLISHED/REJECTED/; s/"affected":\[{.*\]}}}$/"x":1}}}/' "$work/feed.jsonl"
cp -r "$work/made" "$work/gone" && "$muster" import cve5 -o "$work/gone" "$work/feed.jsonl" >/dev/null
mapfile -t files < <(find "$work/made" "$work/gone" -name '*.json' | sort)

"$python" - "$schema" examples/list/*.json "${files[@]}" <<'EOF'
import json
import sys

import jsonschema

schema = json.load(open(sys.argv[1]))
failed = 0
for number, path in enumerate(sys.argv[2:], 1):
    advisory = json.load(open(path))
    for affected in advisory.get("affected", []):
        assert affected["package"]["ecosystem"] == "Muster"
        affected["package"]["ecosystem"] = "Linux"  # any name that the schema knows
    faults = [fault.message for fault in jsonschema.Draft202012Validator(schema).iter_errors(advisory)]
    for fault in faults:
        print("#", fault)
    failed += bool(faults)
    short = path.split("/", 3)[-1] if path.startswith("/tmp") else path
    print("not ok" if faults else "ok", number, "-", short, "keeps the OSV schema")
print(f"1..{len(sys.argv) - 2}")
sys.exit(failed > 0)
EOF
