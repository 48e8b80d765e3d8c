#!/bin/bash
# SPDX-License-Identifier: ISC
# The whole story, for real: a camera with a firmware that strangers can take over loses its way to
# the internet, keeps its LAN, tells its owner, and comes home. Network namespaces, real DHCP,
# router advertisements, NAT and routing.
#
#   tests/e2e/demo.sh          told on the terminal        tests/e2e/demo.sh --tap    as a test
#
#   camera --- home router --- ISP's edge --- head-end (anycast)
#                                   \--- internet: a host, the vendor's update host, an authority's service
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
BIN=$(cd "${MUSTER_BIN:-$root/build/bin}" && pwd) || exit 2
# shellcheck source=tests/e2e/net.sh
. "$here/net.sh"
# shellcheck source=tests/e2e/tell.sh
. "$here/tell.sh"

SCALE=120 # an hour of the camera's running time is 30 s of ours
CAMERA_MAC=02:00:00:00:00:01
ANYCAST4=192.0.0.68 ANYCAST6=2001:1::68
INTERNET=198.51.100.10 UPDATES=198.51.100.20 AUTHORITY=198.51.100.53
OLD="V5.4.5 build 170124" FIXED="V5.5.800 build 210628"

muster() { "$BIN/muster" "$@"; }
agent() { in_ns camera "$BIN/muster-agent" --config "$WORK/agent.ini" "$@"; }

# --- the stage ------------------------------------------------------------------------------------

make_network() {
    local ns
    for ns in camera home edge head internet; do net_ns "$ns"; done
    net_wire camera eth0 home lan
    net_wire home wan edge home
    net_wire edge head head eth0
    net_wire edge internet internet eth0
    for ns in home edge; do net_router "$ns"; done
    in_ns camera ip link set eth0 down address "$CAMERA_MAC"
    in_ns camera sysctl -qw net.ipv6.conf.eth0.accept_ra=1
    net_address home lan 192.168.77.1/24 2001:db8:77::1/64
    net_address home wan 203.0.113.2/24 2001:db8:1::2/64
    net_address edge home 203.0.113.1/24 2001:db8:1::1/64
    net_address edge head 10.68.0.1/24 2001:db8:68::1/64
    net_address head eth0 10.68.0.2/24 2001:db8:68::2/64
    net_address head lo "$ANYCAST4/32" "$ANYCAST6/128"
    net_address edge internet 198.51.100.1/24 2001:db8:2::1/64
    net_address internet eth0 "$INTERNET/24" "$UPDATES/24" "$AUTHORITY/24" 2001:db8:2::10/64
    in_ns home ip route add default via 203.0.113.1
    in_ns home ip -6 route add default via 2001:db8:1::1
    in_ns head ip route add default via 10.68.0.1
    in_ns head ip -6 route add default via 2001:db8:68::1
    in_ns internet ip route add default via 198.51.100.1
    in_ns internet ip -6 route add default via 2001:db8:2::1
    in_ns edge ip route add "$ANYCAST4/32" via 10.68.0.2
    in_ns edge ip -6 route add "$ANYCAST6/128" via 2001:db8:68::2
    in_ns edge ip -6 route add 2001:db8:77::/64 via 2001:db8:1::2
}

start_services() {
    in_ns home nft -f - <<'EOF'
table ip nat {
    chain out {
        type nat hook postrouting priority srcnat
        oifname "wan" masquerade
    }
}
EOF
    net_run home dnsmasq.log dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
        --interface=lan --bind-interfaces --dhcp-range=192.168.77.100,192.168.77.150,5m \
        --dhcp-leasefile="$WORK/leases" --pid-file= --user=root --log-facility=-
    cat >"$WORK/radvd.conf" <<'EOF'
interface lan {
    AdvSendAdvert on;
    MinRtrAdvInterval 3;
    MaxRtrAdvInterval 4;
    prefix 2001:db8:77::/64 { };
};
EOF
    net_run home radvd.log radvd --nodaemon --config "$WORK/radvd.conf" --pidfile "$WORK/radvd.pid" --logmethod stderr
    net_run internet update.log busybox httpd -f -p "$UPDATES:8080" -h "$WORK/www"
    net_run internet host.log busybox httpd -f -p "$INTERNET:8080" -h "$WORK/www"
    net_run camera camera.log busybox httpd -f -p 80 -h "$WORK/www"
    net_run home capture.log tcpdump -i lan -U -w "$WORK/all.pcap" udp port 6878
}

start_dhcp_client() {
    net_run camera udhcpc.log udhcpc -f -i eth0 -s "$here/udhcpc.script" -t 5 -T 1 -A 1
    DHCP_PID=$LAST_PID
}

make_keys() {
    muster key new "$WORK/signer" >/dev/null
    muster key new "$WORK/authority" >/dev/null
    muster key new "$WORK/next" >/dev/null
    mkdir "$WORK/anchors" "$WORK/standings" "$WORK/published" "$WORK/list" "$WORK/notice.d" "$WORK/www" "$WORK/state"
    echo "hello" >"$WORK/www/index.html"
    muster anchor new -o "$WORK/anchors/demo.anchor" --name "Demo authority" --key "$WORK/authority.pub" \
        --next "$WORK/next.pub" --service "$AUTHORITY" >/dev/null
    vouch good
    cp "$WORK/standing" "$WORK/standings/isp.standing"
}

# The authority says this of the signer, to whoever inquires.
vouch() {
    muster standing --key "$WORK/authority" --signer "$WORK/signer.pub" --name "Example ISP" --level "$1" \
        -o "$WORK/standing" >/dev/null
    cp "$WORK/standing" "$WORK/published/.new" && mv "$WORK/published/.new" "$WORK/published/isp.standing"
}

# Signs the folder; musterd sees the new file by itself.
sign_list() {
    local old=(--old "$WORK/isp.mlist")
    [ -e "$WORK/isp.mlist" ] || old=(--first)
    muster sign "$WORK/list" --key "$WORK/signer" -o "$WORK/isp.mlist" "${old[@]}" --enforce-after 0
}

# Whether the condition holds in the JSON; an empty answer is none.
holds() { # CONDITION JSON
    [ -n "$2" ] && jq -e "$1" <<<"$2"
}

head_end_has() { # KEY=VALUE, of its status
    holds "$1" "$(in_ns head "$BIN/musterd" status --json --control "$WORK/musterd.sock")"
}

issued_of_list() { muster show "$WORK/isp.mlist" --json | jq .issued; }
head_end_serves_it() { head_end_has ".lists[0].issued == $(issued_of_list)"; }

set_mode() {
    sed -i "s/^mode = .*/mode = $1/" "$WORK/musterd.ini"
    kill -HUP "$HEAD_PID"
    wait_for 5 head_end_has ".mode == \"$1\""
}

start_head_end() {
    cat >"$WORK/musterd.ini" <<EOF
[server]
listen = *:6878
mode = enforce
control = $WORK/musterd.sock
[lists]
list = $WORK/isp.mlist
[standings]
standing = $WORK/standings
EOF
    run_head_end
    net_run internet authority.log "$BIN/musterd" --listen "$AUTHORITY:6878" --inquiries --standing "$WORK/published" --control none
}

run_head_end() {
    net_run head musterd.log "$BIN/musterd" --config "$WORK/musterd.ini"
    HEAD_PID=$LAST_PID
    wait_for 5 head_end_serves_it
}

make_camera() {
    echo "$OLD" >"$WORK/build"
    cat >"$WORK/agent.ini" <<EOF
[device]
vendor = hikvision
model = ds-2cd2042wd-i
build-file = $WORK/build
name = Garden camera
[keep]
update = $UPDATES:8080
resolver = 192.168.77.1
[paths]
anchors = $WORK/anchors
notice = $WORK/notice.d
state = $WORK/state
run = $WORK/run
EOF
    cat >"$WORK/notice.d/to-file" <<EOF
#!/bin/sh
cat >>$WORK/notices
echo >>$WORK/notices
EOF
    chmod 755 "$WORK/notice.d/to-file"
    touch "$WORK/notices" && chmod 666 "$WORK/notices"
}

boot_camera() {
    net_run camera agent.log "$BIN/muster-agent" run --config "$WORK/agent.ini" --time-scale "$SCALE"
    AGENT_PID=$LAST_PID
    wait_for 5 agent status
    in_ns camera ip link set eth0 up
}

# A page over HTTP.
fetch() { # NAMESPACE ADDRESS PORT
    # shellcheck disable=SC2016 # the inner shell expands them
    in_ns "$1" timeout 2 bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "GET / HTTP/1.0\r\n\r\n" >&3 && grep -q hello <&3' "$2" "$3"
}

# --- what can be asked of the stage ---------------------------------------------------------------

is() { holds "$1" "$(agent status --json)"; }
is_cut() { is '.state == "quarantined"'; }
is_free() { is '.state != "quarantined"'; }
has_default4() { in_ns camera ip -4 route show default | grep -q via; }
has_default6() { in_ns camera ip -6 route show default | grep -q via; }
has_defaults() { has_default4 && has_default6; }
has_no_default() { ! has_default4 && ! has_default6; }
can_reach() { fetch camera "$1" 8080; }
cannot_reach() { ! can_reach "$1"; }
lan_works() { fetch home "$(camera_ip)" 80 && in_ns camera ping -qnc1 -W2 192.168.77.1; }
camera_ip() { in_ns camera ip -j -4 addr show dev eth0 | jq -r '.[0].addr_info[0].local'; }
counted() { agent status --json | jq ".counters.$1 // 0"; }
settled() { sleep 1; } # the occasion is over: 30 s of the camera's time, and its retries

report() { agent report >/dev/null; settled; }

# Of all packets that the camera sent on the uplink, the destinations beyond the LAN: nothing but
# what is kept.
only_kept_in() {
    local strays
    strays=$("$here/pcap_udp.py" "$1" | awk -v a4="$ANYCAST4" -v a6="$ANYCAST6" -v au="$AUTHORITY" -v up="$UPDATES" '
        $2 ~ /^(192\.168\.77\.|224\.0\.0\.|169\.254\.|255\.255\.255\.255|fe80:|ff02:|2001:db8:77:)/ { next }
        ($2 == a4 || $2 == a6 || $2 == au) && $3 == "udp" && $4 == 6878 { next }
        $2 == up && $3 == "tcp" && $4 == 8080 { next }
        { print }')
    [ -z "$strays" ] || { echo "$strays" | head; return 1; }
}

# Packets whose source (1) or destination (2) is the head-end.
anycast() { awk -v field="$1" -v a4="$ANYCAST4" -v a6="$ANYCAST6" '$field == a4 || $field == a6'; }

# The last report or reply on the wire, decoded.
show_packet() { # report | reply
    local field=2
    [ "$1" = report ] || field=1
    "$here/pcap_udp.py" "$WORK/all.pcap" | anycast "$field" | tail -n1 >"$WORK/packet"
    awk '{ printf "%s -> %s  (%d bytes)\n", $1, $2, length($5) / 2 }' "$WORK/packet" | tell_quote
    awk '{ print $5 }' "$WORK/packet" | muster show - | tell_quote
}

show_routes() {
    in_ns camera ip -4 route show | tell_quote
    in_ns camera ip -6 route show default | tell_quote
}

# --- the story ------------------------------------------------------------------------------------

story() {
    tell_step "A camera boots behind a home router and reports its model and build"
    boot_camera
    check "it gets IPv4 by DHCP and IPv6 by router advertisement" wait_for 15 has_defaults
    check "its report is heard" wait_for 10 is '.counters.heard > 0'
    show_packet report
    tell "The operator's list says nothing of this model, so the head-end answers: heard."
    show_packet reply
    check "the internet is there" wait_for 5 can_reach "$INTERNET"

    tell_step "The operator signs a list with CVE-2021-36260"
    cp "$root/examples/list/"*.json "$WORK/list/"
    sign_list | tell_quote
    check "the head-end serves the new list without a restart" wait_for 5 head_end_serves_it

    tell_step "The next report fails"
    show_routes
    tell "... and after the report:"
    report
    check "the camera is in quarantine" wait_for 5 is_cut
    save_records "$WORK/oldest"
    show_packet reply
    show_routes
    check "both default routes are gone" has_no_default
    check "its owner is told, with the reason and the fix" grep -q "$FIXED" "$WORK/notices"
    jq -s '.[-1] | { state, text, verdicts: [.verdicts[] | { id, reason, fixed_in, signer_name, to_do }] }' "$WORK/notices" | tell_quote
    agent status | tell_quote

    tell_step "Nothing leaves the LAN, and the LAN works"
    net_run home uplink.log tcpdump -i lan -U -w "$WORK/cut.pcap" ether src "$CAMERA_MAC"
    local capture=$LAST_PID
    wait_for 5 grep -q listening "$WORK/uplink.log"
    check "the LAN answers, both ways" lan_works
    check "the internet does not" cannot_reach "$INTERNET"
    check "not even from a socket bound to the interface" not in_ns camera ping -qnc1 -W1 -I eth0 "$INTERNET"
    check "nor over IPv6" not in_ns camera ping -6 -qnc1 -W1 2001:db8:2::10
    check "the vendor's update host does" can_reach "$UPDATES"
    kill -USR1 "$DHCP_PID"
    sleep 4.5 # several router advertisements
    check "a DHCP renew and router advertisements change nothing" wait_for 3 has_no_default
    report
    net_stop "$capture"
    check "a capture holds only addresses from the kept exceptions" only_kept_in "$WORK/cut.pcap"

    tell_step "The owner has the last word"
    agent override --for 12h | tell_quote
    check "an override brings it back at once" wait_for 5 has_defaults
    check "... all the way" can_reach "$INTERNET"
    agent override --off | tell_quote
    check "taken back, the next report cuts again" wait_for 10 has_no_default

    tell_step "The firmware update"
    net_stop "$AGENT_PID"
    echo "$FIXED" >"$WORK/build"
    boot_camera
    check "a new build is not covered: free again by itself" wait_for 10 is_free
    check "with its routes" wait_for 10 has_defaults

    tell_step "A list with an error, and its withdrawal"
    tell "The error: fixed in V9, a build that does not exist. (Had the range alone been wrong, sign would have refused.)"
    jq '.id = "OPERATOR-ERROR" | .affected[0].ranges[0].events[1].fixed = "V9" |
        .database_specific.muster."fixed-in" = "V9"' "$WORK/list/"*.json >"$WORK/error.json"
    rm "$WORK/list/"*.json
    cp "$WORK/error.json" "$WORK/list/"
    sign_list >/dev/null && wait_for 5 head_end_serves_it
    report
    check "the error cuts a healthy camera" wait_for 5 is_cut
    rm "$WORK/list/error.json"
    sign_list | tell_quote
    wait_for 5 head_end_serves_it
    report
    show_packet reply
    check "the withdrawal brings it back within one recheck" wait_for 5 is_free
    check "with its routes" wait_for 5 has_defaults

    tell_step "The operator steps back: monitor mode"
    cp "$root/examples/list/"*.json "$WORK/list/"
    sign_list >/dev/null && wait_for 5 head_end_serves_it
    downgrade
    report
    check "the old build fails again" wait_for 5 is_cut
    set_mode monitor
    report
    check "one recheck that is heard is not enough" is_cut
    sleep 5.5 # ten minutes of the camera's time
    report
    check "two are: it is back" wait_for 5 is_free
    set_mode enforce

    tell_step "Forgeries do nothing"
    forgeries

    tell_step "The authority revokes the operator's signer"
    report
    check "the true fail still works" wait_for 5 is_cut
    vouch revoked
    wait_for 5 authority_says_revoked
    report
    check "the recheck's inquiry frees it, though the head-end staples a good standing" wait_for 5 is_free
    report
    check "fails of this signer are ignored from now on" is_free
    check "... and its owner has the internet" can_reach "$INTERNET"
}

authority_says_revoked() {
    in_ns internet "$here/inquire.py" "$AUTHORITY" "$(muster key show "$WORK/signer.pub" | grep -oE '[0-9a-f]{64}' | head -n1)" |
        muster show - | grep -q revoked
}

# An earlier firmware is put back: for the story, the camera is defective again.
downgrade() {
    net_stop "$AGENT_PID"
    echo "$OLD" >"$WORK/build"
    boot_camera
    wait_for 10 has_defaults
    settled
}

# The records of the last whole reply on the wire, one file each.
save_records() { # DIRECTORY
    mkdir -p "$1"
    "$here/pcap_udp.py" "$WORK/all.pcap" | anycast 1 | awk 'length($5) > 400 { p = $5 } END { print p }' |
        "$here/records.py" "$1"
}

attack() { # MODE RECORDS COUNTER
    local before pid
    before=$(counted "$3")
    net_run head attacker4.log "$here/attacker.py" "$1" "$ANYCAST4" 6878 "$2"/*
    pid=$LAST_PID
    net_run head attacker6.log "$here/attacker.py" "$1" "$ANYCAST6" 6878 "$2"/*
    wait_for 5 in_ns head sh -c 'ss -nlu | grep -c 6878 | grep -q 2'
    report
    check "a reply that is $4 is ignored, and counted" ignored "$3" "$before"
    net_stop "$pid"
    net_stop "$LAST_PID"
}

ignored() { is_free >/dev/null && [ "$(counted "$1")" -gt "$2" ]; }

forgeries() {
    save_records "$WORK/newest"
    net_stop "$HEAD_PID"
    attack nonce "$WORK/newest" nonce "under another nonce"
    attack forged "$WORK/newest" standing "signed by a key that nobody vouches for"
    attack tampered "$WORK/newest" signature "altered under its old signature"
    attack replay "$WORK/oldest" rollback "older than what the camera has accepted since"
    run_head_end
}

tell_next() {
    [ -z "$TELL_TAP" ] || return 0
    cat <<'EOF'

Try next:
  build/bin/muster sign --help           make a list of your own; README.md has a quick start for each role
  make check                             all tests
  man -l doc/man/muster-agent.8          the device's side; doc/protocol.md is the whole specification
EOF
}

# --------------------------------------------------------------------------------------------------

main() {
    tell_begin "$@"
    net_begin
    make_network
    make_keys
    sign_list >/dev/null
    make_camera
    start_services
    start_head_end
    start_dhcp_client
    story
    tell_end || exit 1
    tell_next
}

main "$@"
