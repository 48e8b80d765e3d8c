/* SPDX-License-Identifier: ISC */
/* Times of what list.sh cannot time from outside, one figure a line: `bench-list bare N` signs N
 * messages of a record's length with nothing around it; `bench-list open LIST` reads and verifies a
 * list as musterd does; `bench-list find LIST N` looks up N of its models. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/sodium.h"
#include "host/file.h"
#include "host/listcheck.h"
#include "host/parallel.h"
#include "muster/list.h"

#define MESSAGE_LEN 380

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int fail(const char *what)
{
    fprintf(stderr, "bench-list: %s\n", what);
    return 2;
}

static void sign_one(void *ctx, size_t i, unsigned thread)
{
    const struct muster_signing *signing = ctx;
    uint8_t message[MESSAGE_LEN] = {0}, sig[MUSTER_SIGNATURE_LEN];

    (void)thread;
    memcpy(message, &i, sizeof i);
    if (signing->sign(signing->secret, sig, message, sizeof message) != 0)
        abort();
}

static int bare(size_t n)
{
    uint8_t seed[MUSTER_SEED_LEN] = {1};
    struct muster_sodium_secret secret;
    struct muster_signing signing;
    double began;

    muster_sodium_open(seed, &secret, &signing);
    began = now_s();
    parallel_for(parallel_processors(), n, sign_one, &signing);
    printf("%.3f\n", now_s() - began);
    return 0;
}

static int open_list(const char *path, uint8_t **ret_bytes, struct muster_list *ret_list)
{
    size_t len;

    if (file_read(path, SIZE_MAX / 4, ret_bytes, &len) != 0)
        return -1;
    return muster_list_open((struct muster_slice){*ret_bytes, len}, ret_list);
}

static int time_open(const char *path)
{
    struct muster_list list;
    double began = now_s(), read;
    uint8_t *bytes;

    if (open_list(path, &bytes, &list) != 0)
        return fail("cannot open the list");
    read = now_s();
    if (listcheck_verify(&list, parallel_processors()) != MUSTER_OK)
        return fail("the list does not verify");
    printf("%.3f %.3f\n", now_s() - began, read - began);
    free(bytes);
    return 0;
}

static int find(const char *path, size_t n)
{
    struct muster_list list;
    struct muster_list_entry entry, found;
    uint64_t at = 0;
    uint8_t *bytes;
    double began;
    size_t i;

    if (open_list(path, &bytes, &list) != 0)
        return fail("cannot open the list");
    began = now_s();
    for (i = 0; i < n; i++) {
        if (muster_list_entry_at(&list, at, &entry, &at) != MUSTER_OK)
            return fail("the list is shorter than that");
        if (muster_list_find(&list, entry.name_key, &found) != MUSTER_OK)
            return fail("a model is not found");
    }
    printf("%.3f\n", now_s() - began);
    free(bytes);
    return 0;
}

int main(int argc, char **argv)
{
    if (sodium_init() < 0)
        return fail("libsodium cannot start");
    if (argc == 3 && strcmp(argv[1], "bare") == 0)
        return bare(strtoull(argv[2], NULL, 10));
    if (argc == 3 && strcmp(argv[1], "open") == 0)
        return time_open(argv[2]);
    if (argc == 4 && strcmp(argv[1], "find") == 0)
        return find(argv[2], strtoull(argv[3], NULL, 10));
    return fail("usage: bench-list bare N | open LIST | find LIST N");
}
