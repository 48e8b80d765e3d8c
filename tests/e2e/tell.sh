# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Tells a story on the terminal, or the same story as TAP. Source it.
#
#   tell_begin "$@"     --tap as the first argument: TAP
#   tell_step TITLE     tell TEXT     COMMAND | tell_quote
#   check NAME COMMAND...    runs it; one test
#   says STATUS PATTERN COMMAND...    for check: ends so, and prints such a line
#   tell_end            the sum, and the exit status

tell_begin() {
    TELL_TAP= TELL_N=0 TELL_FAILED=0
    [ "${1:-}" = --tap ] && TELL_TAP=1
    if [ -t 1 ] && [ -z "$TELL_TAP" ]; then
        TELL_BOLD=$'\e[1m' TELL_DIM=$'\e[2m' TELL_GREEN=$'\e[32m' TELL_RED=$'\e[31m' TELL_OFF=$'\e[0m'
    else
        TELL_BOLD='' TELL_DIM='' TELL_GREEN='' TELL_RED='' TELL_OFF=''
    fi
}

tell_step() {
    if [ -n "$TELL_TAP" ]; then printf '# %s\n' "$1"; else printf '\n%s== %s%s\n' "$TELL_BOLD" "$1" "$TELL_OFF"; fi
}

tell() {
    [ -n "$TELL_TAP" ] || printf '   %s\n' "$*"
}

tell_quote() {
    if [ -n "$TELL_TAP" ]; then cat >/dev/null; else sed "s/^/     ${TELL_DIM}| /; s/\$/${TELL_OFF}/"; fi
}

not() { ! "$@"; }

check() {
    local name=$1 output status
    shift
    output=$("$@" 2>&1)
    status=$?
    TELL_N=$((TELL_N + 1))
    [ "$status" = 0 ] || TELL_FAILED=$((TELL_FAILED + 1))
    if [ -n "$TELL_TAP" ]; then
        [ "$status" = 0 ] || printf '%s\n' "$output" | sed 's/^/# /'
        [ "$status" = 0 ] || printf 'not '
        printf 'ok %d - %s\n' "$TELL_N" "$name"
    elif [ "$status" = 0 ]; then
        printf '   %sok%s %s\n' "$TELL_GREEN" "$TELL_OFF" "$name"
    else
        printf '   %sFAILED%s %s\n' "$TELL_RED" "$TELL_OFF" "$name"
        [ -z "$output" ] || printf '%s\n' "$output" | tell_quote
    fi
    return "$status"
}

says() {
    local want=$1 pattern=$2 output status
    shift 2
    output=$("$@" 2>&1 </dev/null)
    status=$?
    printf '%s\n' "$output"
    [ "$status" = "$want" ] || { echo "status $status, wanted $want"; return 1; }
    grep -Eq -- "$pattern" <<<"$output" || { echo "nothing matches /$pattern/"; return 1; }
}

tell_end() {
    if [ -n "$TELL_TAP" ]; then
        printf '1..%d\n' "$TELL_N"
    elif [ "$TELL_FAILED" = 0 ]; then
        printf '\n%sAll %d checks held, in %d s.%s\n' "$TELL_GREEN" "$TELL_N" "$SECONDS" "$TELL_OFF"
    else
        printf '\n%s%d of %d checks failed.%s\n' "$TELL_RED" "$TELL_FAILED" "$TELL_N" "$TELL_OFF"
    fi
    [ "$TELL_FAILED" = 0 ]
}
