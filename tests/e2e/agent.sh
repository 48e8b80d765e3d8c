#!/bin/bash
# SPDX-License-Identifier: ISC
# muster-agent against a real network: DHCP, router advertisements, nf_tables, kill -9. TAP. Needs root.
#
#   camera --- home router (dnsmasq, radvd) --- head-end
set -uo pipefail
if [ "$(id -u)" != 0 ]; then
    echo "1..0 # SKIP agent.sh needs root for network namespaces"
    exit 0
fi
if ! unshare -n true 2>/dev/null; then
    echo "1..0 # SKIP no network namespaces here"
    exit 0
fi
here=$(cd "$(dirname "$0")" && pwd)
BIN=$(cd "${MUSTER_BIN:-$here/../../build/bin}" && pwd) || exit 2
# shellcheck source=tests/e2e/net.sh
. "$here/net.sh"
# shellcheck source=tests/e2e/tell.sh
. "$here/tell.sh"

SCALE=120
MAC=02:00:00:00:00:01
ANYCAST4=192.0.0.68 ANYCAST6=2001:1::68 UPDATES=198.51.100.20
OLD="V5.4.5 build 170124" FIXED="V5.5.800 build 210628"

agent() { in_ns camera "$BIN/muster-agent" --config "$WORK/agent.ini" "$@"; }
is() { agent status --json | jq -e "$1"; }
is_cut() { is .quarantined; }
is_free() { is '.quarantined | not'; }
default4() { in_ns camera ip -4 route show table all | grep -E '^(default|0\.0\.0\.0/1|128\.0\.0\.0/1)'; }
default6() { in_ns camera ip -6 route show | grep -E '^(default|2000::/3)'; }
has_defaults() { default4 >/dev/null && default6 >/dev/null; }
has_none() { ! default4 && ! default6; }
exits() { # STATUS COMMAND...
    local wanted=$1 got
    shift
    "$@"
    got=$?
    [ "$got" = "$wanted" ] || { echo "exit status $got, wanted $wanted"; return 1; }
}

# --- the stage ------------------------------------------------------------------------------------

make_network() {
    local ns
    for ns in camera home head; do net_ns "$ns"; done
    net_wire camera eth0 home lan
    net_wire home wan head eth0
    net_router home
    in_ns camera ip link set eth0 down address $MAC
    in_ns camera sysctl -qw net.ipv6.conf.eth0.accept_ra=1 net.ipv4.ip_forward=0
    net_address home lan 192.168.77.1/24 2001:db8:77::1/64
    net_address home wan 10.68.0.1/24 2001:db8:68::1/64
    net_address head eth0 10.68.0.2/24 2001:db8:68::2/64
    net_address head lo $ANYCAST4/32 $ANYCAST6/128 $UPDATES/32
    in_ns head ip route add default via 10.68.0.1
    in_ns head ip -6 route add default via 2001:db8:68::1
    in_ns home ip route add default via 10.68.0.2
    in_ns home ip -6 route add default via 2001:db8:68::2
}

start_router() {
    net_run home dnsmasq.log dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
        --interface=lan --bind-interfaces --dhcp-range=192.168.77.100,192.168.77.150,5m \
        --dhcp-leasefile="$WORK/leases" --pid-file= --user=root --log-facility=-
    cat >"$WORK/radvd.conf" <<'EOF'
interface lan {
    AdvSendAdvert on;
    MinRtrAdvInterval 3;
    MaxRtrAdvInterval 4;
    AdvDefaultLifetime 600;
    prefix 2001:db8:77::/64 { };
};
EOF
    net_run home radvd.log radvd --nodaemon --config "$WORK/radvd.conf" --pidfile "$WORK/radvd.pid" --logmethod stderr
    RADVD_PID=$LAST_PID
    net_run camera udhcpc.log udhcpc -f -i eth0 -s "$here/udhcpc.script" -t 5 -T 1 -A 1
    DHCP_PID=$LAST_PID
}

make_keys() {
    mkdir "$WORK"/{anchors,list,notice.d,state}
    "$BIN/muster" key new "$WORK/signer" >/dev/null
    "$BIN/muster" key new "$WORK/authority" >/dev/null
    "$BIN/muster" anchor new -o "$WORK/anchors/test.anchor" --name "Test authority" --key "$WORK/authority.pub" >/dev/null
    "$BIN/muster" standing --key "$WORK/authority" --signer "$WORK/signer.pub" --name "Test ISP" --level good \
        -o "$WORK/isp.standing" >/dev/null
    cp "$here/../../examples/list/"*.json "$WORK/list/"
    "$BIN/muster" sign "$WORK/list" --key "$WORK/signer" -o "$WORK/isp.mlist" --first --enforce-after 0 >/dev/null
}

start_head_end() {
    net_run head musterd.log "$BIN/musterd" --list "$WORK/isp.mlist" --standing "$WORK/isp.standing" \
        --mode enforce --control "$WORK/musterd.sock"
    wait_for 5 in_ns head "$BIN/musterd" status --control "$WORK/musterd.sock"
}

make_camera() {
    echo "$OLD" >"$WORK/build"
    cat >"$WORK/agent.ini" <<EOF
[device]
vendor = hikvision
model = ds-2cd2042wd-i
build-file = $WORK/build
name = Garden camera
emit = ${1:-yes}
[keep]
update = $UPDATES:443
[paths]
anchors = $WORK/anchors
notice = $WORK/notice.d
state = $WORK/state
run = $WORK/run
EOF
    printf '#!/bin/sh\n{ id -un; env; cat; } >>%s/told\n' "$WORK" >"$WORK/notice.d/10-tell"
    printf '#!/bin/sh\necho open >>%s/told\n' "$WORK" >"$WORK/notice.d/20-open"
    printf '#!/bin/sh\nsleep 1000\n' >"$WORK/notice.d/30-slow"
    chmod 755 "$WORK/notice.d/"*
    chmod 777 "$WORK/notice.d/20-open"
    : >"$WORK/told"
    chmod 666 "$WORK/told"
}

start_agent() {
    net_run camera agent.log sh -c "${1:-true} && exec $BIN/muster-agent run --config $WORK/agent.ini --time-scale $SCALE"
    AGENT_PID=$LAST_PID
    wait_for 5 agent status
}

child_pid() { pgrep -P "$AGENT_PID" -f 'muster-agent run' | head -n 1; }
log_says() { grep -q "$1" "$WORK/agent.log"; }
report() { agent report; }

capture_begin() {
    net_run home "$1.log" tcpdump -i lan -U -w "$WORK/$1.pcap" ether src $MAC
    CAPTURE_PID=$LAST_PID
    wait_for 5 grep -q listening "$WORK/$1.log"
}
capture_end() { sleep 0.3; net_stop "$CAPTURE_PID"; }
packets_in() { "$here/pcap_udp.py" "$WORK/$1.pcap" | grep -c "$2"; }
has_packets() { [ "$(packets_in "$1" "$2")" -gt 0 ]; }

only_kept_in() {
    local strays
    strays=$("$here/pcap_udp.py" "$WORK/$1.pcap" | awk -v a4=$ANYCAST4 -v a6=$ANYCAST6 -v up=$UPDATES '
        $2 ~ /^(192\.168\.77\.|224\.0\.0\.|169\.254\.|255\.255\.255\.255|fe80:|ff02:|2001:db8:77:)/ { next }
        ($2 == a4 || $2 == a6) && $3 == "udp" && $4 == 6878 { next }
        $2 == up && $3 == "tcp" && $4 == 443 { next }
        { print }')
    [ -z "$strays" ] || { echo "$strays" | head; return 1; }
}

# Everything a program could try to get a packet out.
try_to_leave() {
    in_ns camera ping -qnc1 -W1 8.8.8.8
    in_ns camera ping -qnc1 -W1 -I eth0 8.8.8.8
    in_ns camera ping -6 -qnc1 -W1 2001:db8:9::9
    in_ns camera ping -6 -qnc1 -W1 -I eth0 2001:db8:9::9
    in_ns camera python3 - <<'EOF'
import socket
def quiet(what, *args):
    try:
        what(*args)
    except OSError:
        pass
mac = bytes.fromhex("ffffffffffff020000000001")
ip = bytes.fromhex("4500002600000000401100000a0000010808080800090009001200006c6561766573")
for proto in (0x0800, 0x0806, 0x0003):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(proto))
    quiet(s.sendto, mac + b"\x08\x00" + ip, ("eth0", proto))
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
quiet(raw.setsockopt, socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
quiet(raw.sendto, ip, ("8.8.8.8", 0))
for to in (("192.0.0.68", 53), ("198.51.100.20", 80)):
    quiet(socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto, b"leaves", to)
EOF
} >/dev/null 2>&1

# --- the tests ------------------------------------------------------------------------------------

silent_device() {
    tell_step "emit = no is honoured before the first packet"
    make_camera no
    capture_begin silent
    start_agent
    in_ns camera ip link set eth0 up
    check "the network comes up" wait_for 15 has_defaults
    sleep 1
    agent report >/dev/null
    sleep 0.5
    capture_end
    check "no report leaves" not has_packets silent 6878
    check "status says that reports are off" is '.emit | not'
    net_stop "$AGENT_PID"
}

first_contact() {
    tell_step "Attachment, report, fail"
    make_camera
    capture_begin attach
    start_agent
    check "attached over both families" wait_for 10 is '.families == ["IPv4", "IPv6"]'
    check "the attach report alone brings the fail, and the cut" wait_for 10 is_cut
    sleep 0.5
    capture_end
    check "the report was seen on the wire" has_packets attach 6878
    check "hop limit 16" hop_limit_is_16
    check "both defaults are gone" has_none
    check "the block is on the egress hook" is '.block.kind == "netdev egress"'
    check "the state is saved, for root alone" [ "$(stat -c %a "$WORK/state/state")" = 600 ]
    check "the owner is told, by a user without privileges" wait_for 5 told
    check "a notice that others may write to is not run" log_says '20-open is not run'
    check "... and did not run" not grep -qx open "$WORK/told"
}

hop_limit_is_16() { tcpdump -nvr "$WORK/attach.pcap" udp port 6878 2>/dev/null | grep -qE 'ttl 16|hlim 16'; }
told() {
    grep -qE '^(muster|nobody)$' "$WORK/told" && grep -qx 'MUSTER_STATE=quarantined' "$WORK/told" &&
        grep -qx 'MUSTER_ID=CVE-2021-36260' "$WORK/told" && grep -q '"quarantined":true' "$WORK/told"
}

network_half() {
    local status
    tell_step "The network half can do nothing else"
    status=/proc/$(child_pid)/status
    check "no root" not grep -qE '^[UG]id:.*\b0\b' "$status"
    check "no capabilities" grep -qE '^CapEff:\s*0+$' "$status"
    check "no new privileges" grep -qE '^NoNewPrivs:\s*1' "$status"
    grep -qa __asan_init "$BIN/muster-agent" || # a sanitizer needs calls of its own
        check "system calls filtered" grep -qE '^Seccomp:\s*2' "$status"
    check "an empty root" [ -z "$(ls -A "/proc/$(child_pid)/root")" ]
    kill -9 "$(child_pid)"
    check "killed, it comes back" wait_for 8 child_pid_is_there
    check "... and the quarantine stands" is_cut
}
child_pid_is_there() { [ -n "$(child_pid)" ]; }

nothing_leaves() {
    tell_step "Nothing leaves the LAN"
    capture_begin cut
    try_to_leave
    check "the LAN answers" in_ns camera ping -qnc1 -W2 192.168.77.1
    check "... over IPv6" in_ns camera ping -6 -qnc1 -W2 2001:db8:77::1
    check "the camera answers the LAN" ping_camera
    in_ns camera timeout 2 bash -c "exec 3<>/dev/tcp/$UPDATES/443" 2>/dev/null
    kill -USR1 $DHCP_PID
    sleep 4.5
    check "a DHCP renew and router advertisements change nothing" has_none
    in_ns camera ip route add 0.0.0.0/1 via 192.168.77.1
    in_ns camera ip route add 128.0.0.0/1 via 192.168.77.1
    in_ns camera ip route add default via 192.168.77.1 table 100
    in_ns camera ip -6 route add 2000::/3 via fe80::1 dev eth0
    check "nor do routes as good as a default" wait_for 3 has_none
    try_to_leave
    capture_end
    check "a capture holds only what is kept" only_kept_in cut
    check "the update host is reached" has_packets cut "$UPDATES"
    in_ns camera nft flush ruleset
    check "the block comes back when somebody flushes it" wait_for 3 in_ns camera nft list table netdev muster
    check "a new interface is covered" new_interface
}
ping_camera() { in_ns home ping -qnc1 -W2 "$(in_ns camera ip -j -4 addr show dev eth0 | jq -r '.[0].addr_info[0].local')"; }
new_interface() {
    in_ns camera ip link add new0 type veth peer name new1 &&
        wait_for 3 covered_new && in_ns camera ip link del new0 && wait_for 3 not covered_new
}
covered_new() { in_ns camera nft list table netdev muster | grep -q new0; }

crash() {
    tell_step "kill -9 loses nothing and strands nothing"
    local child
    child=$(child_pid)
    check "a second instance is refused" exits 4 agent run
    check "clear is refused while the agent runs" exits 4 agent clear
    kill -9 "$AGENT_PID"
    wait "$AGENT_PID" 2>/dev/null
    check "the network half ends with the parent" wait_for 3 not kill -0 "$child"
    check "the block stands without the agent" in_ns camera nft list table netdev muster
    check "status says that no agent runs" exits 3 agent status
    in_ns camera ip link set eth0 mtu 1400
    start_agent
    check "restarted, it is cut before any network is asked" is_cut
    check "no default" has_none
    kill -9 "$AGENT_PID"
    wait "$AGENT_PID" 2>/dev/null
    check "clear takes the block down" exits 0 agent clear
    check "... and the routes are back" has_defaults
    check "no rule of ours is left" not in_ns camera nft list table netdev muster
    check "no route of ours is left" [ -z "$(in_ns camera ip route show proto 168)" ]
    start_agent
    check "started again, the saved fail cuts again" wait_for 3 is_cut
    check "SIGTERM lifts the quarantine" orderly_stop
    check "... and the routes are back" has_defaults
    check "the default IPv6 route has its lifetime" in_ns camera sh -c "ip -6 route show default | grep -q expires"
    start_agent
    check "... until it runs again" wait_for 3 is_cut
}
orderly_stop() { kill -TERM "$AGENT_PID" && wait_for 5 not kill -0 "$AGENT_PID" && ! in_ns camera nft list table netdev muster 2>/dev/null; }

owner() {
    tell_step "The owner"
    check "an override frees at once" agent override --for 12h
    check "free" is_free
    check "with both defaults" wait_for 5 has_defaults
    check "and says so" is '.state == "overridden" and .override.left_s > 40000'
    check "taken back" agent override --off
    check "the next report cuts again" wait_for 8 is_cut
    check "nothing to take back is said" exits 1 agent override --off
    check "a time that is none is refused" exits 2 agent override --for soon
    check "status is not for everybody" exits 5 in_ns camera setpriv --reuid=65534 --clear-groups \
        "$BIN/muster-agent" --config "$WORK/agent.ini" status
    check "an agent needs root" exits 5 in_ns camera setpriv --reuid=65534 --clear-groups \
        "$BIN/muster-agent" --config "$WORK/agent.ini" run
    check "idle clients do not keep the owner out" not_kept_out
    check "emit off frees" agent emit off
    check "... and the routes are back" wait_for 5 has_defaults
    check "emit on reports again" agent emit on
    check "... and cuts again" wait_for 10 is_cut
    check "a factory reset frees" agent reset
    wait_for 3 is_free
    report >/dev/null
    check "... until the next report" wait_for 8 is_cut
}
not_kept_out() {
    python3 - "$WORK/run/agent.sock" <<'EOF' &
import socket, sys, time
held = []
for _ in range(8):
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    s.send(b"stat")
    held.append(s)
time.sleep(12)
EOF
    sleep 0.3
    exits 0 agent status
    local status=$?
    kill %% 2>/dev/null
    return $status
}

update() {
    tell_step "A new build, and settings that are wrong"
    echo "model = no such key here" >>"$WORK/agent.ini"
    kill -HUP "$AGENT_PID"
    check "a reload with bad settings changes nothing" wait_for 3 log_says 'goes on with the old'
    check "... the quarantine stands" is_cut
    make_camera
    kill -HUP "$AGENT_PID"
    sleep 0.5
    check "a reload keeps the quarantine" wait_for 5 is_cut
    echo "$FIXED" >"$WORK/build"
    kill -HUP "$AGENT_PID"
    check "a new build is free by itself" wait_for 5 is_free
    check "with both defaults" wait_for 5 has_defaults
    net_stop "$AGENT_PID"
}

cannot_save() {
    tell_step "A state that cannot be saved"
    make_camera
    start_agent "mount -t tmpfs -o ro none $WORK/state" # seen by the agent alone
    check "the fail is shown" wait_for 10 is '.verdicts[0].id == "CVE-2021-36260"'
    check "... as a notice: a cut that cannot be saved is not made" is '.state == "notice"'
    check "the routes are there" has_defaults
    check "the log says what to do" log_says 'until it can be saved'
    net_stop "$AGENT_PID"
}

forwarder() {
    tell_step "A device that forwards for others is told, not cut"
    rm -f "$WORK/state/state"
    in_ns camera sysctl -qw net.ipv4.ip_forward=1
    make_camera
    start_agent
    check "a notice" wait_for 10 is '.state == "notice"'
    check "the routes are there" has_defaults
    in_ns camera sysctl -qw net.ipv4.ip_forward=0
    net_stop "$AGENT_PID"
}

asleep() {
    tell_step "Between deadlines it sleeps"
    rm -f "$WORK/state/state"
    echo "$FIXED" >"$WORK/build"
    net_stop "$RADVD_PID"
    SCALE=1
    start_agent
    agent emit off >/dev/null # so that no report is due
    sleep 2
    local before after
    before=$(switches)
    sleep 3
    after=$(switches)
    check "no wake-up in three seconds" [ "$before" = "$after" ]
    net_stop "$AGENT_PID"
}
switches() { grep ^voluntary "/proc/$AGENT_PID/status" || date +%N; }

main() {
    tell_begin --tap
    net_begin
    make_network
    make_keys
    start_head_end
    start_router
    silent_device
    first_contact
    network_half
    nothing_leaves
    crash
    owner
    update
    cannot_save
    forwarder
    asleep
    [ "$TELL_FAILED" = 0 ] || sed 's/^/# agent.log: /' "$WORK/agent.log" | tail -n 40
    tell_end
}

main
