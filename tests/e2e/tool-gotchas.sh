#!/bin/bash
# SPDX-License-Identifier: ISC
# What trips importers: small feeds that restate the facts of real records, and traps of our own
# (tests/e2e/feeds). Each feed is imported, the folder signed, and every build that must be covered
# or free asked of the list. Also all feeds into one folder, in two orders, which must not matter. TAP.
set -u
here=$(cd "$(dirname "$0")" && pwd)
muster=${MUSTER_BIN:-$here/../../build/bin}/muster
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d /tmp/muster-gotchas.XXXXXX) || exit 2
trap 'rm -rf "$work"' EXIT
unset MUSTER_PASSPHRASE SOURCE_DATE_EPOCH

die() {
    echo "Bail out! $1"
    sed 's/^/# /' "$work/out" 2>/dev/null | tail -20
    exit 2
}

must() { # WHAT COMMAND...
    local what=$1
    shift
    "$@" >"$work/out" 2>&1 </dev/null || die "$what"
}

import() { # FEED FOLDER [OPTION...]
    local feed=$1 folder=$2
    shift 2
    # 1: some records are refused, as the traps of a wrong shape must be
    "$muster" import "$feed" -o "$folder" "$@" "$here/feeds/$feed" >"$work/out" 2>&1 </dev/null
    [ $? -le 1 ] || die "import $feed"
}

[ -x "$muster" ] || die "$muster is not there; run make first"
must 'key new' "$muster" key new "$work/key"
runs=()
for feed in cve5 nvd2 csaf kev osv; do
    import $feed "$work/$feed"
done
for feed in cve5 nvd2 csaf kev osv; do
    import $feed "$work/all" --names "$here/feeds/names.tsv"
done
for feed in osv kev csaf nvd2 cve5; do
    import $feed "$work/other" --names "$here/feeds/names.tsv"
done
for run in cve5 nvd2 csaf kev osv all; do
    must "sign $run" "$muster" sign --key "$work/key" -o "$work/$run.mlist" --first "$work/$run"
    runs+=("$run" "$work/$run" "$work/$run.mlist")
done
"$python" "$here/gotchas.py" "$muster" "$here/feeds/expected.tsv" "${runs[@]}" >"$work/tap"
status=$?
number=$(grep -c '^\(not \)\?ok' "$work/tap")
grep -v '^1\.\.' "$work/tap"

number=$((number + 1))
if diff -r "$work/all" "$work/other" >"$work/out" 2>&1; then
    echo "ok $number - the order of the feeds does not matter"
else
    echo "not ok $number - the order of the feeds does not matter"
    sed 's/^/# /' "$work/out" | head -40
    status=1
fi
echo "1..$number"
exit $status
