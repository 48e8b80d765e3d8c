/* SPDX-License-Identifier: ISC */
/* agent.ini: what is taken, what is refused and with which advice. */
#include "test.h"

#include <unistd.h>

#include "agent/settings.h"

static char path[] = "/tmp/muster-test-agent.XXXXXX";
static char err[1024];
static struct settings settings;
static const struct settings_overrides none;

static const char identity[] = "[device]\nvendor = hikvision\nmodel = ds-2cd2042wd-i\n"
                               "build = V5.4.5 build 170124\n";

static void write_ini(const char *first, const char *second)
{
    int fd = -1;

    strcpy(path, "/tmp/muster-test-agent.XXXXXX");
    fd = mkstemp(path);
    if (write(fd, first, strlen(first)) < 0 || write(fd, second, strlen(second)) < 0)
        printf("# cannot write %s\n", path);
    close(fd);
}

static int read_ini(const char *first, const char *second)
{
    write_ini(first, second);
    err[0] = 0;
    int ret = settings_read(path, &none, &settings, err, sizeof err);
    unlink(path);
    return ret;
}

static bool refuses(const char *line, const char *word)
{
    bool refused = read_ini(identity, line) < 0 && strstr(err, word) != NULL;

    if (!refused)
        printf("# %s -> %s\n", line, err);
    return refused;
}

TEST(defaults)
{
    REQUIRE(read_ini(identity, "") == 0);
    CHECK_EQ_STR(settings.build, "V5.4.5 build 170124");
    CHECK(settings.emit);
    CHECK(!settings.notice_only);
    CHECK(settings.has_server4 && settings.has_server6);
    CHECK_EQ_INT(addr_port(&settings.server4), MUSTER_PORT);
    CHECK_EQ_INT(addr_port(&settings.server6), MUSTER_PORT);
    CHECK(settings.resolver_auto);
    CHECK_EQ_STR(settings.state_dir, "/var/lib/muster");
}

TEST(port_holds_wherever_it_stands)
{
    REQUIRE(read_ini(identity, "[network]\nserver4 = 192.0.2.1\nport = 7000\nserver6 = none\n") ==
            0);
    CHECK_EQ_INT(addr_port(&settings.server4), 7000);
    CHECK(!settings.has_server6);
    REQUIRE(read_ini(identity, "[network]\nserver4 = 192.0.2.1:7001\nport = 7000\n") == 0);
    CHECK_EQ_INT(addr_port(&settings.server4), 7001);
}

TEST(update_hosts)
{
    REQUIRE(read_ini(identity,
                     "[keep]\nupdate = update.example.net:443\nupdate = 192.0.2.9:69/udp\n"
                     "update = [2001:db8::9]:8443/tcp\n") == 0);
    CHECK_EQ_INT(settings.updates_n, 3);
    CHECK_EQ_STR(settings.updates[0].host, "update.example.net");
    CHECK_EQ_INT(settings.updates[0].port, 443);
    CHECK(settings.updates[0].tcp && !settings.updates[0].udp);
    CHECK_EQ_STR(settings.updates[1].host, "");
    CHECK(settings.updates[1].udp && !settings.updates[1].tcp);
    CHECK_EQ_INT(settings.updates[2].port, 8443);
}

TEST(an_identity_is_needed)
{
    CHECK(read_ini("[device]\nmodel = m\nbuild = 1\n", "") < 0);
    CHECK(strstr(err, "no vendor") != NULL);
    CHECK(read_ini("[device]\nvendor = v\nmodel = m\n", "") < 0);
    CHECK(strstr(err, "no build") != NULL);
}

TEST(a_wrong_name_is_refused_with_the_right_one)
{
    CHECK(read_ini("[device]\nvendor = Hik Vision\nmodel = m\nbuild = 1\n", "") < 0);
    CHECK(strstr(err, "write `vendor = hik_vision`") != NULL);
    CHECK(read_ini("[device]\nvendor = v\nmodel = DS/2CD\nbuild = 1\n", "") < 0);
    CHECK(strstr(err, "write `model = ds_2cd`") != NULL);
}

TEST(what_makes_no_sense_is_refused)
{
    CHECK(refuses("emit = maybe\n", "yes"));
    CHECK(refuses("on_fail = explode\n", "quarantine or notice"));
    CHECK(refuses("quorum = 0\n", "from 1 to 4"));
    CHECK(refuses("forwards = sometimes\n", "yes"));
    CHECK(refuses("built = yesterday\n", "2026-01-31"));
    CHECK(refuses("colour = red\n", "unknown key 'colour'"));
    CHECK(refuses("[networks]\nport = 1\n", "unknown section"));
    CHECK(refuses("[network]\nserver4 = 2001:db8::1\n", "no IPv4 address"));
    CHECK(refuses("[network]\nserver6 = example.net\n", "no IPv6 address"));
    CHECK(refuses("[network]\nport = 0\n", "1"));
    CHECK(refuses("[keep]\nupdate = update.example.net\n", "has no port"));
    CHECK(refuses("[keep]\nupdate = update.example.net:443/sctp\n", "/tcp or /udp"));
    CHECK(refuses("[keep]\nupdate = up date:443\n", "no host"));
    CHECK(refuses("[keep]\ntime = pool.ntp.org\n", "no address"));
    CHECK(refuses("[paths]\nstate = relative\n", "no absolute path"));
    CHECK(refuses("build-file = /nonexistent\n", "first line"));
}

TEST(the_build_file_gives_its_first_line)
{
    char line[128], name[] = "/tmp/muster-test-build.XXXXXX";
    int fd = mkstemp(name);

    CHECK(write(fd, "  1.2.3 beta \r\nmore\n", 20) == 20);
    close(fd);
    snprintf(line, sizeof line, "build-file = %s\n", name);
    CHECK_EQ_INT(read_ini("[device]\nvendor = v\nmodel = m\n", line), 0);
    CHECK_EQ_STR(settings.build, "1.2.3 beta");
    unlink(name);
}

TEST(the_command_line_wins)
{
    const struct settings_overrides over = {.state_dir = "/a", .run_dir = "/b"};

    write_ini(identity, "[paths]\nstate = /x\nrun = /y\n");
    REQUIRE(settings_read(path, &over, &settings, err, sizeof err) == 0);
    CHECK_EQ_STR(settings.state_dir, "/a");
    CHECK_EQ_STR(settings.run_dir, "/b");
    unlink(path);
}

TEST(firmware_without_anchors_is_legal)
{
    struct anchorfile anchors[ANCHORFILE_MAX];
    struct muster_firmware fw;

    REQUIRE(read_ini(identity, "forwards = no\ntelephony = yes\nbuilt = 2026-01-01\n"
                               "[paths]\nanchors = /nonexistent\n") == 0);
    REQUIRE(settings_firmware(&settings, &fw, anchors, err, sizeof err) == 0);
    CHECK_EQ_INT(fw.anchors_n, 0);
    CHECK(fw.forwards);
    CHECK_EQ_INT(fw.built_s, 1767225600);
}
