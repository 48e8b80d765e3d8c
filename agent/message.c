/* SPDX-License-Identifier: ISC */
/* Puts, gets and checks the one message between the halves. It does not look into records. */
#include "agent/message.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

int message_put(int fd, const struct message *message)
{
    ssize_t sent = send(fd, message, sizeof *message, MSG_DONTWAIT | MSG_NOSIGNAL);

    return sent == (ssize_t)sizeof *message ? 0 : sent < 0 ? -errno : -EIO;
}

int message_put_waiting(int fd, const struct message *message)
{
    ssize_t sent = send(fd, message, sizeof *message, MSG_NOSIGNAL);

    return sent == (ssize_t)sizeof *message ? 0 : sent < 0 ? -errno : -EIO;
}

int message_get(int fd, struct message *ret)
{
    ssize_t got = recv(fd, ret, sizeof *ret, MSG_DONTWAIT | MSG_TRUNC);

    if (got == (ssize_t)sizeof *ret)
        return 1;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    return got <= 0 ? -EPIPE : -EBADMSG;
}

bool message_is_for_network(const struct message *message)
{
    size_t len = message->to.ss.ss_family == AF_INET ? sizeof(struct sockaddr_in)
                                                     : sizeof(struct sockaddr_in6);

    if (message->kind == MESSAGE_CLOSE)
        return true;
    return message->kind == MESSAGE_SEND && message->slot < MUSTER_SLOTS && message->len > 0 &&
           message->len <= sizeof message->bytes && message->to.len == len &&
           (message->to.ss.ss_family == AF_INET || message->to.ss.ss_family == AF_INET6);
}

bool message_is_for_parent(const struct message *message)
{
    size_t len = 0;

    if (message->kind == MESSAGE_DROPPED)
        return message->error < 0 && message->error > -MUSTER_ERRORS_N;
    if (message->kind != MESSAGE_REPLY || message->slot >= MUSTER_SLOTS ||
        message->records_n > MUSTER_RECORDS_MAX ||
        (message->flags & ~(MUSTER_FLAG_MORE | MUSTER_FLAG_NOTICE_ONLY)) != 0 ||
        ((message->flags & MUSTER_FLAG_MORE) && message->records_n > 0))
        return false;
    for (size_t i = 0; i < message->records_n; i++)
        len += message->record_lens[i];
    return len == message->len && len <= sizeof message->bytes;
}

void message_from_reply(const struct muster_reply *reply, uint8_t slot, struct message *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->kind = MESSAGE_REPLY;
    ret->slot = slot;
    ret->flags = (uint8_t)reply->flags;
    ret->records_n = (uint8_t)reply->records_n;
    memcpy(ret->nonce, reply->nonce, sizeof ret->nonce);
    for (size_t i = 0; i < reply->records_n; i++) {
        memcpy(ret->bytes + ret->len, reply->records[i].bytes, reply->records[i].len);
        ret->record_lens[i] = (uint16_t)reply->records[i].len;
        ret->len = (uint16_t)(ret->len + reply->records[i].len);
    }
}

void message_to_reply(const struct message *message, struct muster_reply *ret)
{
    const uint8_t *at = message->bytes;

    memset(ret, 0, sizeof *ret);
    ret->nonce = message->nonce;
    ret->flags = message->flags;
    ret->records_n = message->records_n;
    for (size_t i = 0; i < message->records_n; i++) {
        ret->records[i] = (struct muster_slice){at, message->record_lens[i]};
        at += message->record_lens[i];
    }
}
