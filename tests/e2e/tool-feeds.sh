#!/bin/bash
# SPDX-License-Identifier: ISC
# `muster import` on whole feeds of real records ($MUSTER_DATA, or ../shared/data; skipped where it is
# absent), judged by a second reading of the same records (feeds_oracle.py), and on thousands of damaged
# copies of them (feeds_mutants.py; by the build with sanitizers, if there is one). Prints the table of
# answers. TAP.
#
#   MUTANTS   damaged records of each feed (default 1000)
#   SEED      of the damage (default 6878)
#   STEP      every so manieth version string of the data set is tried (default 4)
set -u
here=$(cd "$(dirname "$0")" && pwd)
bin=${MUSTER_BIN:-$here/../../build/bin}
asan=${bin%/bin}-asan/bin/muster
python=${PYTHON:-/usr/bin/python3}
data=$(realpath -m "${MUSTER_DATA:-$here/../../../shared/data}")
declare -A records tables

if [ ! -d "$data/cve5" ]; then
    echo 'ok 1 - feeds # SKIP no feeds here (set MUSTER_DATA)'
    echo 1..1
    exit 0
fi
# Some twenty thousand small files, each of them synced: in memory, if there is room.
base=/tmp
[ "$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 400000 ] 2>/dev/null && base=/dev/shm
work=$(mktemp -d $base/muster-feeds.XXXXXX) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
# shellcheck source=tests/e2e/lib_tool.sh
. "$here/lib_tool.sh"
[ -x "$asan" ] || asan=$muster

# The files of a feed, in $files.
files_of() { # FEED
    case $1 in
    cve5) files=("$data"/cve5/*.json) ;;
    cve5-retyped) files=("$data"/cve5-retyped/*.json) ;;
    nvd2) files=("$data"/nvd2/*.json "$data"/nvd2-pages/*.json) ;;
    nvd2-retyped) files=("$data"/nvd2-retyped/*.json) ;;
    csaf) files=("$data"/csaf/*.json) ;;
    csaf-oasis) files=("$data"/csaf-oasis/*.json) ;;
    kev) files=("$data"/kev/known_exploited_vulnerabilities.json) ;;
    osv) files=("$data"/osv/*.json) ;;
    cve5-strings) files=(strings.jsonl) ;;
    esac
}

# Imports a feed into a folder of its own and has it judged.
judge() { # NAME
    local name=$1 feed=${1%-*} first=$((number + 1)) status
    files_of "$name"
    "$muster" import "$feed" -o "$name" "${files[@]}" >"$name.out" 2>"$name.err"
    "$python" "$here/feeds_oracle.py" $first "$name" "$name.out" "$name" "${files[@]}" >tap 2>tap.err
    status=$?
    grep -v '^# files' tap
    number=$((number + $(grep -c '^\(not \)\?ok' tap)))
    failed=$((failed + $(grep -c '^not ok' tap)))
    if [ $status -ge 2 ] || [ "$number" -lt $first ]; then
        cat tap.err >err
        result 1 "$name is judged"
    fi
    records[$name]=$(tail -n 1 "$name.out")
    tables[$name]=$(sed -n 's/^# files //p' tap)
}

# The same once more must change nothing.
again() { # NAME
    files_of "$1"
    cp -r "$1" before
    run "$muster" import "${1%-*}" -o "$1" "${files[@]}"
    holds "$1: a second import changes nothing" diff -r before "$1"
    rm -rf before
}

# The last command ended by itself, without a word of the sanitizers.
is_sane() {
    [ "$status" -le 1 ] && ! grep -q 'Sanitizer\|runtime error' err
}

# Damaged records: never a crash, never an answer wider than the clean record's.
damage() { # FEED
    local feed=$1
    files_of "$feed"
    "$python" "$here/feeds_mutants.py" make "$feed" "${SEED:-6878}" "${MUTANTS:-1000}" \
        "$feed.jsonl" "$feed.map" "${files[@]}"
    run "$asan" import "$feed" -o "$feed-broken" "$feed.jsonl"
    is_sane && tail -n 1 out | grep -q '^records '
    result $? "$feed: damaged records are read to the end"
    holds "$feed: damage never makes an answer wider" "$python" "$here/feeds_mutants.py" check \
        "$feed" "$feed.map" "$feed" "$feed-broken"
}

# A file cut short: refused with its name and line, and what was whole before it is kept.
cut_short() { # FEED FILE
    local size at
    size=$(stat -c %s "$2")
    for at in 1 2 3 5 7 9; do
        head -c $((size * at / 10)) "$2" >short.json
        run "$asan" import "$1" short.json
        if ! is_sane || [ "$status" = 0 ] || ! grep -q 'short.json:[0-9]*: error' err; then
            result 1 "$1: a file cut short is refused with its place"
            return
        fi
    done
    result 0 "$1: a file cut short is refused with its place"
}

# Version strings of records that are not here, too.
"$python" "$here/feeds_strings.py" "$data/versions/strings-with-scheme.tsv" "${STEP:-4}" >strings.jsonl
names=(cve5 cve5-retyped nvd2 nvd2-retyped csaf csaf-oasis kev osv cve5-strings)
for name in "${names[@]}"; do judge "$name"; done
for name in cve5 nvd2 csaf kev osv; do again $name; done
for feed in cve5 nvd2 csaf; do damage $feed; done
cut_short cve5 "$data/cve5/CVE-2015-2051.json"
cut_short nvd2 "$data/nvd2-pages/api20-native-2002.json"
cut_short csaf "$data/csaf/icsa-17-124-01.json"

# All into one folder, as an operator does it; what comes out can be signed.
for name in cve5 nvd2 csaf; do
    files_of $name
    run "$muster" import $name -o all --kev "$data/kev/known_exploited_vulnerabilities.json" \
        "${files[@]}"
done
holds 'together the feeds say no more than each alone' "$python" "$here/feeds_together.py" all cve5 nvd2 csaf
run "$muster" key new key
holds 'what all feeds come to together can be signed' "$muster" sign --key key -o all.mlist --first all

echo '#'
echo '# what was read, by the best answer for each record; then by CVE and model, review by reason'
for name in "${names[@]}"; do
    printf '# %-13s %s\n# %-13s %s\n' "$name" "${records[$name]}" '' "${tables[$name]}"
done | fold -s -w 150 | sed '/^#/!s/^/#                 /'
tool_end
