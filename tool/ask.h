/* SPDX-License-Identifier: ISC */
/* What the halves of `muster ask` share: the question, and what came back. */
#ifndef TOOL_ASK_H
#define TOOL_ASK_H

#include "host/anchorfile.h"
#include "muster/judge.h"
#include "tool/ask_net.h"
#include "tool/out.h"

struct ask {
    const char *server, *vendor, *model, *build;
    uint64_t number;
    bool as_json, padded, patient;
    uint64_t timeout_s; /* 0: as the plan has it */
    struct anchorfile anchors[ANCHORFILE_MAX];
    size_t anchors_n;
};

/* The reply that was taken, and what was passed over on the way. */
struct ask_answer {
    char from[ADDR_TEXT_CAP];
    size_t sent_len, len;
    bool was_padded; /* asked again with 1232 bytes on `more` */
    size_t ignored_n;
    uint8_t bytes[MUSTER_DATAGRAM_MAX];
    struct muster_reply reply; /* points into bytes */
};

/* An authority's answers to inquiries, by anchor. */
struct ask_standings {
    size_t n;
    struct muster_slice records[ANCHORFILE_MAX * MUSTER_RECORDS_MAX];
    struct ask_answer answers[ANCHORFILE_MAX];
};

/* Sends one report as a device would and waits for the reply. 0, or STATUS_ERROR after saying why.
 */
int ask_report(const struct ask *ask, struct ask_answer *ret_answer);

/* Asks every anchor that has a service about the signer's key. No answer is no error. */
void ask_inquire(const struct ask *ask, const uint8_t key[MUSTER_KEY_LEN],
                 struct ask_standings *io_standings);

/* Judges the answer as a device with these anchors would, tells why, and returns STATUS_OK (fit) or
 * STATUS_FOUND (notice or fail). */
int ask_judge(const struct ask *ask, const struct ask_answer *answer,
              const struct ask_standings *standings);

#endif
