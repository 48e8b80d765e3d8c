# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Networks made of namespaces, for the demo and the end-to-end tests. Source it. Everything it makes
# carries this process's number in its name and is gone when the script ends, however it ends.
#
#   net_begin             a work folder in $WORK and the trap that cleans up
#   net_ns NAME           a namespace; reach it with: in_ns NAME COMMAND...
#   net_wire A IF B IF    a cable between two namespaces
#   net_run NAME LOG COMMAND...   starts a server inside; its pid is in $LAST_PID
#   net_stop PID          ends one of them
#   wait_for SECONDS COMMAND...   until it succeeds

net_begin() {
    if [ "$(id -u)" != 0 ]; then
        echo "$0: needs root for network namespaces; run it with sudo" >&2
        exit 2
    fi
    NET_ID=mu$$
    WORK=$(mktemp -d "${TMPDIR:-/tmp}/muster.XXXXXX")
    chmod 755 "$WORK"
    NET_NAMES=()
    NET_PIDS=()
    trap net_end EXIT
    trap 'exit 130' INT TERM
}

net_end() {
    local status=$? pid name
    trap - EXIT
    for pid in "${NET_PIDS[@]}"; do kill "$pid" 2>/dev/null; done
    for name in "${NET_NAMES[@]}"; do
        ip netns pids "$NET_ID-$name" 2>/dev/null | xargs -r kill 2>/dev/null
    done
    sleep 0.2
    for name in "${NET_NAMES[@]}"; do
        ip netns pids "$NET_ID-$name" 2>/dev/null | xargs -r kill -9 2>/dev/null
        ip netns del "$NET_ID-$name" 2>/dev/null
    done
    wait 2>/dev/null
    [ -n "${KEEP_WORK:-}" ] || rm -rf "$WORK"
    exit "$status"
}

net_ns() {
    ip netns add "$NET_ID-$1" || exit 2
    NET_NAMES+=("$1")
    in_ns "$1" sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
    in_ns "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
    in_ns "$1" ip link set lo up
}

in_ns() {
    local name=$1
    shift
    ip netns exec "$NET_ID-$name" "$@"
}

net_wire() {
    ip -n "$NET_ID-$1" link add "$2" type veth peer name "$4" netns "$NET_ID-$3" || exit 2
    ip -n "$NET_ID-$1" link set "$2" up
    ip -n "$NET_ID-$3" link set "$4" up
}

# addresses NS IF ADDRESS...
net_address() {
    local ns=$1 dev=$2 address
    shift 2
    for address in "$@"; do ip -n "$NET_ID-$ns" addr add "$address" dev "$dev"; done
}

net_router() {
    in_ns "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

net_run() {
    local ns=$1 log=$2
    shift 2
    ip netns exec "$NET_ID-$ns" "$@" >>"$WORK/$log" 2>&1 </dev/null &
    LAST_PID=$!
    NET_PIDS+=("$LAST_PID")
}

net_stop() {
    kill "$1" 2>/dev/null
    wait "$1" 2>/dev/null
}

wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}
