/* SPDX-License-Identifier: ISC */
/* Tells networks apart by their gateway's link address. It sends nothing itself; the kernel asks
 * for the neighbour. */
#include "agent/attach.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "muster/crypto.h"

#define LOOK_MS 3000

static void hash_id(const struct route *offer, uint8_t ret_id[8])
{
    uint8_t bytes[1 + sizeof offer->gateway + sizeof offer->oif], hash[MUSTER_HASH_LEN];

    bytes[0] = offer->family;
    memcpy(bytes + 1, offer->gateway, sizeof offer->gateway);
    memcpy(bytes + 1 + sizeof offer->gateway, &offer->oif, sizeof offer->oif);
    muster_crypto_hash(hash, bytes, sizeof bytes);
    memcpy(ret_id, hash, 8);
}

static int mac_id(struct quarantine *q, const struct route *offer, uint8_t ret_id[8])
{
    uint8_t mac[6];
    int error = links_neighbour(&q->nl, &q->links, offer->oif, offer->family, offer->gateway, mac);

    if (error == 0) {
        memset(ret_id, 0, 8);
        memcpy(ret_id, mac, sizeof mac);
    }
    return error;
}

static bool is_known(const struct attach *attach, const struct route *offer)
{
    return attach->families != 0 && offer != NULL && attach->oif == offer->oif &&
           attach->family == offer->family &&
           memcmp(attach->gateway, offer->gateway, sizeof attach->gateway) == 0;
}

/* 0 with the id of the network behind `offer`, or -EAGAIN while the kernel looks for its
 * gateway. */
static int identify(struct attach *attach, struct quarantine *q, const struct route *offer,
                    uint64_t mono_ms, uint8_t ret_id[8])
{
    int error = mac_id(q, offer, ret_id);

    if (error == -EAGAIN && !attach->looking) {
        attach->looking = true;
        attach->look_until_ms = mono_ms + LOOK_MS;
    }
    if (error == -EAGAIN && mono_ms < attach->look_until_ms)
        return -EAGAIN;
    if (error != 0)
        hash_id(offer, ret_id);
    attach->looking = false;
    return 0;
}

static bool detach(struct attach *attach)
{
    bool was = attach->families != 0;

    memset(attach, 0, sizeof *attach);
    return was;
}

bool attach_update(struct attach *attach, struct quarantine *q, uint64_t mono_ms)
{
    const struct route *offer4 =
        q->settings->has_server4 ? routes_offer(&q->routes, &q->links, AF_INET) : NULL;
    const struct route *offer6 =
        q->settings->has_server6 ? routes_offer(&q->routes, &q->links, AF_INET6) : NULL;
    const struct route *offer = offer4 != NULL ? offer4 : offer6;
    unsigned families = (offer4 != NULL ? MUSTER_IPV4 : 0) | (offer6 != NULL ? MUSTER_IPV6 : 0);
    bool known = is_known(attach, offer4) || is_known(attach, offer6);
    uint8_t id[8];

    if (families == 0)
        return detach(attach);
    if (known && families == attach->families) {
        attach->looking = false;
        return false;
    }
    memcpy(id, attach->id, sizeof id);
    if (!known && identify(attach, q, offer, mono_ms, id) != 0)
        return false;
    if (!known) {
        attach->oif = offer->oif;
        attach->family = offer->family;
        memcpy(attach->gateway, offer->gateway, sizeof attach->gateway);
    }
    bool is_new = families != attach->families || memcmp(id, attach->id, sizeof id) != 0;
    memcpy(attach->id, id, sizeof id);
    attach->families = families;
    return is_new;
}
