/* SPDX-License-Identifier: ISC */
/* What crosses between the halves: whole, checked, and nothing else. */
#include "test.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/message.h"

static struct message message;

static void make_reply(void)
{
    static const uint8_t nonce[MUSTER_NONCE_LEN] = {1, 2, 3};
    static const uint8_t records[] = "firstsecond";
    struct muster_reply reply = {.nonce = nonce, .flags = MUSTER_FLAG_NOTICE_ONLY, .records_n = 2};

    reply.records[0] = (struct muster_slice){records, 5};
    reply.records[1] = (struct muster_slice){records + 5, 6};
    message_from_reply(&reply, MUSTER_SLOT_IPV6, &message);
}

TEST(a_reply_crosses_as_it_was)
{
    struct muster_reply reply;

    make_reply();
    REQUIRE(message_is_for_parent(&message));
    message_to_reply(&message, &reply);
    CHECK_EQ_INT(reply.flags, MUSTER_FLAG_NOTICE_ONLY);
    CHECK_EQ_INT(reply.records_n, 2);
    CHECK_EQ_MEM(reply.records[0].bytes, "first", 5);
    CHECK_EQ_INT(reply.records[1].len, 6);
    CHECK_EQ_MEM(reply.records[1].bytes, "second", 6);
    CHECK_EQ_INT(reply.nonce[1], 2);
}

TEST(the_parent_takes_nothing_else)
{
    make_reply();
    message.kind = MESSAGE_SEND;
    CHECK(!message_is_for_parent(&message));
    make_reply();
    message.slot = MUSTER_SLOTS;
    CHECK(!message_is_for_parent(&message));
    make_reply();
    message.records_n = MUSTER_RECORDS_MAX + 1;
    CHECK(!message_is_for_parent(&message));
    make_reply();
    message.record_lens[0] = 65535;
    CHECK(!message_is_for_parent(&message));
    make_reply();
    message.flags |= 4;
    CHECK(!message_is_for_parent(&message));
    make_reply();
    message.flags |= MUSTER_FLAG_MORE;
    CHECK(!message_is_for_parent(&message));
    message.kind = MESSAGE_DROPPED;
    message.error = 0;
    CHECK(!message_is_for_parent(&message));
    message.error = -128;
    CHECK(!message_is_for_parent(&message));
    message.error = MUSTER_E_SHAPE;
    CHECK(message_is_for_parent(&message));
}

TEST(the_network_half_takes_nothing_else)
{
    memset(&message, 0, sizeof message);
    message.kind = MESSAGE_SEND;
    message.len = 28;
    REQUIRE(addr_parse("192.0.2.1:6878", 0, &message.to) == 0);
    CHECK(message_is_for_network(&message));
    message.len = 0;
    CHECK(!message_is_for_network(&message));
    message.len = MUSTER_DATAGRAM_MAX + 1;
    CHECK(!message_is_for_network(&message));
    message.len = 28;
    message.to.len = sizeof message.to.ss;
    CHECK(!message_is_for_network(&message));
    message.kind = MESSAGE_REPLY;
    CHECK(!message_is_for_network(&message));
}

TEST(only_whole_messages_are_got)
{
    int pair[2];

    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
    CHECK_EQ_INT(message_get(pair[0], &message), 0);
    CHECK(send(pair[1], "short", 5, 0) == 5);
    CHECK_EQ_INT(message_get(pair[0], &message), -EBADMSG);
    make_reply();
    CHECK_EQ_INT(message_put(pair[1], &message), 0);
    CHECK_EQ_INT(message_get(pair[0], &message), 1);
    close(pair[1]);
    CHECK_EQ_INT(message_get(pair[0], &message), -EPIPE);
    close(pair[0]);
}

TEST(a_half_that_does_not_keep_up_loses_messages_and_holds_up_nobody)
{
    int pair[2], error = 0, n = 0;

    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
    make_reply();
    while (error == 0 && n++ < 100000)
        error = message_put(pair[0], &message);
    CHECK_EQ_INT(error, -EAGAIN);
    close(pair[0]);
    close(pair[1]);
}
