/* SPDX-License-Identifier: ISC */
/* What crosses between the two halves (R13): one message of one fixed size, both ways, over a
 * SOCK_SEQPACKET pair. The receiver believes nothing of it but what it has checked. */
#ifndef AGENT_MESSAGE_H
#define AGENT_MESSAGE_H

#include <stdint.h>

#include "host/addr.h"
#include "muster/device.h"

enum message_kind {
    MESSAGE_SEND = 1, /* down: send `bytes` from the slot's socket, connected to `to` */
    MESSAGE_CLOSE,    /* down: close all sockets */
    MESSAGE_REPLY,    /* up: a reply came on the slot's socket; `bytes` are its records in a row */
    MESSAGE_DROPPED   /* up: something else came; `error` says what was wrong */
};

struct message {
    uint8_t kind, slot, flags, records_n;
    int8_t error;
    uint16_t len; /* of bytes */
    uint16_t record_lens[MUSTER_RECORDS_MAX];
    uint8_t nonce[MUSTER_NONCE_LEN];
    struct addr to;
    uint8_t bytes[MUSTER_DATAGRAM_MAX];
};

/* 0, or a negative errno; -EAGAIN: the other half does not keep up, the message is lost. */
int message_put(int fd, const struct message *message);
/* The same, but waits for room: a true reply must not be lost behind junk. */
int message_put_waiting(int fd, const struct message *message);

/* 1 with a whole message, 0 if there is none now, -EPIPE if the other half is gone, -EBADMSG if
 * it is not of the one size. */
int message_get(int fd, struct message *ret);

/* The checks of each receiver: kind, slot, lengths. */
bool message_is_for_network(const struct message *message);
bool message_is_for_parent(const struct message *message);

void message_from_reply(const struct muster_reply *reply, uint8_t slot, struct message *ret);
/* The slices point into the message. Only after message_is_for_parent. */
void message_to_reply(const struct message *message, struct muster_reply *ret);

#endif
