#!/bin/bash
# SPDX-License-Identifier: ISC
# Our advisory files are valid against the OSV schema but for the ecosystem's name. The schema is
# third-party data and not part of the project: it is looked for in $MUSTER_DATA, or ../shared/data. TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1
schema=${MUSTER_DATA:-../shared/data}/osv/schema.json
python=${PYTHON:-/usr/bin/python3}

if [ ! -r "$schema" ] || ! "$python" -c 'import jsonschema' 2>/dev/null; then
    echo "ok 1 - advisory files keep the OSV schema # SKIP no OSV schema here (set MUSTER_DATA), or no python3-jsonschema"
    echo 1..1
    exit 0
fi

"$python" - "$schema" examples/list/*.json <<'EOF'
import json
import sys

import jsonschema

schema = json.load(open(sys.argv[1]))
failed = 0
for number, path in enumerate(sys.argv[2:], 1):
    advisory = json.load(open(path))
    for affected in advisory["affected"]:
        assert affected["package"]["ecosystem"] == "Muster"
        affected["package"]["ecosystem"] = "Linux"  # any name that the schema knows
    faults = [fault.message for fault in jsonschema.Draft202012Validator(schema).iter_errors(advisory)]
    for fault in faults:
        print("#", fault)
    failed += bool(faults)
    print("not ok" if faults else "ok", number, "-", path, "keeps the OSV schema")
print(f"1..{len(sys.argv) - 2}")
sys.exit(failed > 0)
EOF
