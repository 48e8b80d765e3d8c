#!/bin/bash
# SPDX-License-Identifier: ISC
# What a list of a million models costs: signing it, signing it again, opening it as musterd does, one
# look-up. Signing is also told as a ratio to the same number of Ed25519 signatures with nothing
# around them, made in the same run: the machine's own limit. It never fails for being slow.
#
#   make bench-list          MODELS=1000000 (default), TMPDIR: 2 GB for a million
set -eu
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build}
MODELS=${MODELS:-1000000}
muster=$PWD/$BUILD/bin/muster
bench=$PWD/$BUILD/tests/bench-list
work=$(mktemp -d "${TMPDIR:-/tmp}/muster-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
unset MUSTER_PASSPHRASE SOURCE_DATE_EPOCH

# One file of MODELS lines, a defect with one range and a url each.
sources() {
    awk -v n="$MODELS" 'BEGIN {
        for (i = 0; i < n; i++)
            printf "{\"id\":\"CVE-20%02d-%05d\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[{\"package\":" \
                "{\"ecosystem\":\"Muster\",\"name\":\"vendor%d/model-%06d\"},\"ranges\":[{\"type\":\"ECOSYSTEM\"," \
                "\"events\":[{\"introduced\":\"1.0\"},{\"fixed\":\"5.%d.%d build 2106%02d\"}]}]}]," \
                "\"database_specific\":{\"muster\":{\"reason\":\"remote-takeover\",\"url\":" \
                "\"https://example.org/advisories/model-%06d\"}}}\n", \
                i % 20 + 6, i % 99999, i % 997, i, i % 10, i % 800, i % 30, i
    }'
}

# Seconds by the clock and of processors, and peak memory in MB, that a command takes; its output is
# kept in $work/out.
measure() {
    local user system kilobytes
    /usr/bin/time -f '%e %U %S %M' -o "$work/time" "$@" >"$work/out" 2>&1 || [ $? = 1 ] || { cat "$work/out"; exit 1; }
    read -r seconds user system kilobytes <"$work/time"
    cpu=$(awk -v u="$user" -v s="$system" 'BEGIN { print u + s }')
    megabytes=$((kilobytes / 1024))
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
tell() { printf '%-42s %8s s%s\n' "$1" "$2" "${3:+   $3}"; }
# NAME [MORE]: what was measured last, also in terms of bare signatures
tell_measured() {
    tell "$1" "$seconds" "$(ratio "$seconds" "$bare") x bare; $cpu s of processors, $(ratio "$cpu" "$bare_cpu") x bare; $megabytes MB${2:+; $2}"
}

echo "machine: $(uname -sm), $(nproc) of $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -1)"
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
echo "method: time by the clock, and of all processors, of one run each; $MODELS models of one defect in one *.jsonl file; bare: the same"
echo "number of signatures of 380 bytes on all processors in the same run; open: read into memory and"
echo "verified whole, best of 3; look-up: muster explain from the command line, mean of 50"
echo
mkdir "$work/src"
sources >"$work/src/all.jsonl"
"$muster" key new "$work/key" >/dev/null
sync

measure "$bench" bare "$MODELS"
bare=$seconds bare_cpu=$cpu
tell "bare signatures" "$bare" "$cpu s of processors"
measure "$muster" sign "$work/src" --key "$work/key" -o "$work/first.mlist" --first --now 1790000000
tell_measured "muster sign --first, from JSON to the file"
printf '%-42s %8s MB\n' "  the list" $(($(stat -c %s "$work/first.mlist") / 1000000))
measure "$muster" sign "$work/src" --key "$work/key" -o "$work/next.mlist" --old "$work/first.mlist" --now 1790400000
tell_measured "muster sign --old, nothing changed" "$(grep ^records "$work/out" | tr -s ' ')"
measure "$muster" sign --renew "$work/first.mlist" --key "$work/key" -o "$work/renewed.mlist" --now 1792000000
tell_measured "muster sign --renew, all of it due"
best=$(for _ in 1 2 3; do "$bench" open "$work/first.mlist"; done | sort -n | head -1)
tell "open, whole verification" "${best% *}" "of which reading ${best#* }"
tell "look-ups in memory" "$("$bench" find "$work/first.mlist" "$MODELS")" "for $MODELS"
began=$(date +%s%N)
for _ in $(seq 50); do "$muster" explain "$work/first.mlist" vendor5 model-000005 4.0 >/dev/null || [ $? = 1 ]; done
tell "muster explain" "$(awk -v ns=$(($(date +%s%N) - began)) 'BEGIN { printf "%.4f", ns / 50e9 }')"
echo
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
