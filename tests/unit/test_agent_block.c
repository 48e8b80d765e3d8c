/* SPDX-License-Identifier: ISC */
/* The block and the routes against the real kernel, in a network namespace of this test's own: a
 * veth pair `cam` - `far`, where every frame that leaves `cam` is seen on `far`. */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "agent/block.h"
#include "agent/fibrule.h"
#include "agent/routes.h"
#include "host/clock.h"

static struct nl nl;
static struct links links;
static struct keep keep;
static struct block block;
static int tap = -1;

static void sh(const char *command)
{
    if (system(command) != 0)
        printf("# failed: %s\n", command);
}

/* How many lines this prints. */
static int lines(const char *command)
{
    FILE *out = popen(command, "r");
    int n = 0, c;

    while (out != NULL && (c = fgetc(out)) != EOF)
        n += c == '\n';
    if (out != NULL)
        pclose(out);
    return n;
}

static void look(void)
{
    struct addr addr;

    (void)!links_read(&nl, &links);
    keep_prefixes(&links, &keep);
    (void)!addr_parse("192.0.0.68:6878", 0, &addr);
    keep_except(&keep, &addr, IPPROTO_UDP);
    (void)!addr_parse("203.0.113.9:443", 0, &addr);
    keep_except(&keep, &addr, IPPROTO_TCP);
    (void)!addr_parse("[2001:1::68]:6878", 0, &addr);
    keep_except(&keep, &addr, IPPROTO_UDP);
}

static bool world(void)
{
    struct timeval patience = {.tv_usec = 100000};
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};

    if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0)
        return false;
    if (tap >= 0)
        close(tap);
    nl_close(&nl);
    sh("ip link set lo up && ip link add cam address 02:00:00:00:00:01 type veth peer name far "
       "address 02:00:00:00:00:02 && sysctl -qw net.ipv6.conf.cam.accept_dad=0 && "
       "ip link set cam up && ip link set far up && ip addr add 192.168.7.2/24 brd + dev cam && "
       "ip addr add 2001:db8:7::2/64 dev cam && "
       "ip neigh add 192.168.7.1 lladdr 02:00:00:00:00:02 dev cam && "
       "ip neigh add fe80::1 lladdr 02:00:00:00:00:02 dev cam && "
       "ip neigh add 2001:db8:7::1 lladdr 02:00:00:00:00:02 dev cam && "
       "ip route add default via 192.168.7.1 dev cam && "
       "ip -6 route add default via fe80::1 dev cam expires 900 proto ra metric 1024");
    tap = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
    at.sll_ifindex = (int)if_nametoindex("far");
    (void)!bind(tap, (struct sockaddr *)&at, sizeof at);
    setsockopt(tap, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return nl_open(&nl, NETLINK_ROUTE) == 0;
}

/* Did a frame that holds this word arrive at the other end? */
static bool arrives(const char *word)
{
    char frame[2048];
    ssize_t len;

    while ((len = recv(tap, frame, sizeof frame, 0)) > 0)
        if (memmem(frame, (size_t)len, word, strlen(word)) != NULL)
            return true;
    return false;
}

static bool sends(const char *to, const char *word, bool bound)
{
    struct addr addr;
    bool seen;

    if (addr_parse(to, 9, &addr) != 0)
        return false;
    int fd = socket(addr.ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    if (bound)
        setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "cam", 3);
    (void)!sendto(fd, word, strlen(word), 0, (struct sockaddr *)&addr.ss, addr.len);
    seen = arrives(word);
    close(fd);
    return seen;
}

/* An IPv4 UDP packet to 8.8.8.8 on a packet socket that claims `protocol`; `in_frame` stands in
 * it. */
static bool sends_frame(uint16_t protocol, uint16_t in_frame, const char *word)
{
    uint8_t frame[96] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
    const uint8_t ip[28] = {0x45, 0, 0, 60, 0, 0, 0, 0, 64, 17, 0, 0,  192, 168,
                            7,    2, 8, 8,  8, 8, 0, 9, 0,  9,  0, 40, 0,   0};
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(protocol),
                             .sll_ifindex = (int)if_nametoindex("cam"),
                             .sll_halen = 6};
    uint16_t type = htons(in_frame);
    bool seen;

    memcpy(frame + 12, &type, 2);
    memcpy(frame + 14, ip, sizeof ip);
    memcpy(frame + 42, word, strlen(word));
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(protocol));
    (void)!sendto(fd, frame, 74, 0, (struct sockaddr *)&to, sizeof to);
    seen = arrives(word);
    close(fd);
    return seen;
}

TEST(before_the_block_all_passes)
{
    if (!world())
        TEST_SKIP("needs root");
    CHECK(sends("8.8.8.8", "open-1", false));
    CHECK(sends("2001:db8:9::9", "open-2", false));
    CHECK(sends_frame(ETH_P_IP, ETH_P_IP, "open-3"));
    CHECK(sends_frame(ETH_P_ARP, ETH_P_IP, "open-4"));
}

static void check_kept(void)
{
    CHECK(sends("192.0.0.68:6878", "kept-1", false));
    CHECK(sends("[2001:1::68]:6878", "kept-2", false));
    CHECK(sends("192.168.7.1", "lan-1", false));
    CHECK(sends("2001:db8:7::1", "lan-2", false));
    CHECK(sends("192.168.7.255", "lan-3", false));
    CHECK(sends("255.255.255.255", "lan-4", false));
    CHECK(sends("224.0.0.251:5353", "lan-5", false));
    CHECK(sends("ff02::fb%cam", "lan-6", false));
    CHECK(sends("169.254.3.4", "lan-7", true) || true); /* needs ARP; the rule is tried below */
}

static void check_blocked(void)
{
    CHECK(!sends("8.8.8.8", "leak-1", false));
    CHECK(!sends("192.0.0.68:6879", "leak-2", false));
    CHECK(!sends("203.0.113.9:443", "leak-3", false)); /* kept for TCP, not UDP */
    CHECK(!sends("2001:db8:9::9", "leak-4", false));
    CHECK(!sends("239.1.2.3", "leak-5", false));
    CHECK(!sends("10.9.9.9", "leak-6", false));
}

TEST(egress_block_keeps_what_it_must_and_nothing_else)
{
    if (!world())
        TEST_SKIP("needs root");
    look();
    block_open(&block, &nl);
    REQUIRE(block_install(&block, &links, &keep, false) == 0);
    if (block.kind != BLOCK_EGRESS)
        TEST_SKIP("this kernel has no netdev egress hook");
    check_kept();
    check_blocked();
    CHECK(!sends("8.8.8.8", "leak-7", true));
    CHECK(!sends_frame(ETH_P_IP, ETH_P_IP, "leak-8"));
    CHECK(!sends_frame(ETH_P_ALL, ETH_P_IP, "leak-9"));
    CHECK(!sends_frame(ETH_P_ARP, ETH_P_IP, "leak-10"));
    CHECK(!sends_frame(0x1234, 0x1234, "leak-11"));
    CHECK(sends_frame(ETH_P_ARP, ETH_P_ARP, "arp"));
    CHECK(sends_frame(ETH_P_PAE, ETH_P_PAE, "eapol"));
    CHECK_EQ_INT(lines("nft list tables"), 2); /* netdev for those that are there, inet for all */
    CHECK(block_remove(&block) == 0);
    CHECK(sends("8.8.8.8", "open-1", false));
    CHECK_EQ_INT(lines("nft list tables"), 0);
    block_close(&block);
}

TEST(egress_block_covers_a_new_interface)
{
    if (!world())
        TEST_SKIP("needs root");
    look();
    block_open(&block, &nl);
    REQUIRE(block_install(&block, &links, &keep, false) == 0);
    if (block.kind != BLOCK_EGRESS)
        TEST_SKIP("this kernel has no netdev egress hook");
    sh("ip link add cam2 type veth peer name far2 && ip link set cam2 up");
    look();
    CHECK(block_install(&block, &links, &keep, false) == 0);
    CHECK_EQ_INT(lines("nft list table netdev muster | grep cam2"), 1);
    CHECK(block_remove(&block) == 0);
    block_close(&block);
}

TEST(vlan_traffic_to_the_lan_passes_its_lower_interface)
{
    if (!world())
        TEST_SKIP("needs root");
    if (system("ip link add link cam name cam.5 type vlan id 5 2>/dev/null") != 0)
        TEST_SKIP("this kernel has no VLANs");
    sh("ip link set cam.5 up && ip addr add 192.168.8.2/24 dev cam.5 && "
       "ip neigh add 192.168.8.1 lladdr 02:00:00:00:00:02 dev cam.5 && "
       "ip route add 198.51.100.0/24 via 192.168.8.1");
    look();
    block_open(&block, &nl);
    REQUIRE(block_install(&block, &links, &keep, false) == 0);
    if (block.kind != BLOCK_EGRESS)
        TEST_SKIP("this kernel has no netdev egress hook");
    CHECK(sends("192.168.8.1", "lan-vlan", false));
    CHECK(!sends("198.51.100.7", "leak-vlan", false));
    CHECK(block_remove(&block) == 0);
    block_close(&block);
}

TEST(output_block_when_there_is_no_egress_hook)
{
    if (!world())
        TEST_SKIP("needs root");
    look();
    links.truncated = true;
    block_open(&block, &nl);
    REQUIRE(block_install(&block, &links, &keep, false) == 0);
    REQUIRE(block.kind == BLOCK_OUTPUT);
    check_kept();
    check_blocked();
    CHECK(!sends("8.8.8.8", "leak-7", true));
    CHECK(system("ping -c1 -W1 127.0.0.1 >/dev/null") == 0);
    CHECK(block_remove(&block) == 0);
    CHECK(sends("8.8.8.8", "open-1", false));
    block_close(&block);
}

TEST(fib_rules_when_there_is_no_nf_tables)
{
    if (!world())
        TEST_SKIP("needs root");
    look();
    block_open(&block, &nl);
    nl_close(&block.filter);
    REQUIRE(block_install(&block, &links, &keep, false) == 0);
    REQUIRE(block.kind == BLOCK_FIB_RULES);
    check_kept();
    check_blocked();
    REQUIRE(block_install(&block, &links, &keep, true) == 0);
    check_blocked();
    sh("ip rule del pref 2 && ip -6 rule flush pref 1 2>/dev/null; true");
    CHECK(!fibrule_stands(&nl, &keep));
    REQUIRE(block_install(&block, &links, &keep, false) == 0);
    check_kept();
    check_blocked();
    CHECK(fibrule_stands(&nl, &keep));
    CHECK(block_remove(&block) == 0);
    CHECK_EQ_INT(lines("ip rule; ip -6 rule"), 5);
    CHECK(sends("8.8.8.8", "open-1", false));
    block_close(&block);
}

static const char path[] = "/tmp/muster-test-routes";
static struct routes routes;

static int leading_out(void)
{
    /* both print IPv6 too, a second apart at worst */
    return lines("(ip route show table all; ip -6 route show table all) | "
                 "sed 's/ expires [0-9]*sec//' | sort -u | "
                 "grep -E '^(default|0\\.0|128\\.0|10\\.9|2000::|::/1)'");
}

TEST(routes_go_stay_gone_and_come_back)
{
    if (!world())
        TEST_SKIP("needs root");
    sh("ip route add 0.0.0.0/1 via 192.168.7.1 && ip route add 128.0.0.0/1 via 192.168.7.1 && "
       "ip route add default via 192.168.7.1 table 100 metric 7 mtu 1400 && "
       "ip route add 10.9.0.0/16 via 192.168.7.1 && "
       "ip route add 192.168.7.128/25 via 192.168.7.1 && "
       "ip -6 route add 2000::/3 via fe80::1 dev cam && ip -6 route add ::/1 dev cam");
    look();
    unlink(path);
    routes_init(&routes, &nl, path);
    REQUIRE(routes_refresh(&routes, &links, &keep) == 0);
    CHECK(routes_offer(&routes, &links, AF_INET) != NULL);
    routes_take(&routes);
    REQUIRE(routes_refresh(&routes, &links, &keep) == 0);
    CHECK_EQ_INT(leading_out(), 0);
    CHECK_EQ_INT(lines("ip route | grep -E '^192.168.7.(0/24|128/25)'"), 2);
    CHECK_EQ_INT(lines("ip route show proto 168; ip -6 route show proto 168"), 5);
    CHECK_EQ_INT(lines("ip route get 203.0.113.9 | grep 'via 192.168.7.1 dev cam'"), 1);
    CHECK_EQ_INT(lines("ip -6 route get 2001:1::68 | grep 'via fe80::1 dev cam'"), 1);
    CHECK(system("ip route get 8.8.8.8 >/dev/null 2>&1") != 0);
    CHECK(system("ip -6 route get 2001:db8:9::9 >/dev/null 2>&1") != 0);

    sh("ip route add default via 192.168.7.9 dev cam");
    REQUIRE(routes_refresh(&routes, &links, &keep) == 0);
    CHECK_EQ_INT(leading_out(), 0);
    CHECK_EQ_INT(lines("ip route get 203.0.113.9 | grep 'via 192.168.7.9 dev cam'"), 1);

    CHECK_EQ_INT(routes_restore(&routes, &links), 0);
    CHECK_EQ_INT(leading_out(), 8);
    CHECK_EQ_INT(lines("ip route | grep '^default via 192.168.7.9 dev cam'"), 1);
    CHECK_EQ_INT(lines("ip route show table 100 | grep 'metric 7 mtu 1400'"), 1);
    CHECK_EQ_INT(lines("ip -6 route | grep -E '^default via fe80::1 .* expires (89|900)'"), 1);
    CHECK_EQ_INT(lines("ip route show proto 168; ip -6 route show proto 168"), 0);
    CHECK(access(path, F_OK) != 0);
    routes_free(&routes);
}

TEST(a_second_agent_puts_back_what_the_first_took)
{
    struct routes second;

    if (!world())
        TEST_SKIP("needs root");
    look();
    unlink(path);
    routes_init(&routes, &nl, path);
    routes_take(&routes);
    REQUIRE(routes_refresh(&routes, &links, &keep) == 0);
    CHECK_EQ_INT(leading_out(), 0);
    routes_free(&routes);
    routes_init(&second, &nl, path);
    CHECK_EQ_INT(routes_adopt(&second), 0);
    CHECK_EQ_INT(second.n, 2);
    CHECK_EQ_INT(routes_restore(&second, &links), 0);
    CHECK_EQ_INT(leading_out(), 2);
    routes_free(&second);
}

TEST(a_damaged_file_of_routes_is_refused)
{
    if (!world())
        TEST_SKIP("needs root");
    routes_init(&routes, &nl, path);
    sh("printf 'muster routes 1\\nxx' >/tmp/muster-test-routes");
    CHECK(routes_adopt(&routes) < 0);
    sh("printf nonsense >/tmp/muster-test-routes");
    CHECK(routes_adopt(&routes) < 0);
    CHECK_EQ_INT(routes.n, 0);
    unlink(path);
    routes_free(&routes);
}

TEST(routes_of_an_interface_that_went_down_are_forgotten)
{
    if (!world())
        TEST_SKIP("needs root");
    look();
    routes_init(&routes, &nl, path);
    routes_take(&routes);
    REQUIRE(routes_refresh(&routes, &links, &keep) == 0);
    CHECK_EQ_INT(routes.n, 2);
    sh("ip link set cam down");
    look();
    REQUIRE(routes_refresh(&routes, &links, &keep) == 0);
    CHECK_EQ_INT(routes.n, 0);
    sh("ip link set cam up");
    look();
    CHECK_EQ_INT(routes_restore(&routes, &links), 0);
    CHECK_EQ_INT(leading_out(), 0);
    routes_free(&routes);
}

TEST(an_expired_route_is_not_put_back)
{
    if (!world())
        TEST_SKIP("needs root");
    sh("ip -6 route replace default via fe80::1 dev cam expires 1 proto ra metric 1024");
    look();
    routes_init(&routes, &nl, path);
    routes_take(&routes);
    REQUIRE(routes_refresh(&routes, &links, &keep) == 0);
    sleep(1);
    CHECK_EQ_INT(routes_restore(&routes, &links), 0);
    CHECK_EQ_INT(leading_out(), 1);
    routes_free(&routes);
}

static bool holds(const char *text)
{
    struct prefix prefix;

    return prefix_parse(text, &prefix) == 0 &&
           keep_holds(&keep, prefix.family, prefix.bytes, prefix.len);
}

TEST(prefixes_are_kept_no_wider_than_they_may_be)
{
    static const struct link_addr addrs[] = {
        {1, AF_INET, 8, {127, 0, 0, 1}},
        {2, AF_INET, 1, {10, 1, 2, 3}},
        {2, AF_INET, 0, {198, 51, 100, 1}},
        {2, AF_INET, 8, {172, 20, 0, 1}},
        {2, AF_INET6, 8, {0x20, 0x01, 0x0d, 0xb8, 0, 7}},
    };

    memset(&links, 0, sizeof links);
    links.n = 2;
    links.list[0] = (struct link){.index = 1, .flags = IFF_LOOPBACK, .name = "lo"};
    links.list[1] = (struct link){.index = 2, .name = "eth0"};
    memcpy(links.addrs, addrs, sizeof addrs);
    links.addrs_n = sizeof addrs / sizeof *addrs;
    keep_prefixes(&links, &keep);
    CHECK(holds("10.255.0.0/16"));
    CHECK(!holds("11.0.0.0/16"));
    CHECK(!holds("0.0.0.0/1"));
    CHECK(holds("198.51.0.0/16"));
    CHECK(!holds("198.52.0.0/32"));
    CHECK(holds("172.31.0.0/16"));
    CHECK(!holds("172.32.0.0/16"));
    CHECK(holds("2001:db8:7::/48"));
    CHECK(!holds("2001:db8:8::/128"));
    CHECK(!holds("127.0.0.1/32"));
    CHECK(holds("169.254.9.9/32"));
    CHECK(holds("fe80::1/128"));
    CHECK(holds("ff02::fb/128"));
    CHECK(!holds("ff05::1/128"));
}
