/* SPDX-License-Identifier: ISC */
/* What a build may change: the provisional numbers of the protocol and the sizes of the device's
 * memory. Every value can be overridden with -DNAME=value; nothing here depends on the platform. */
#ifndef MUSTER_CONFIG_H
#define MUSTER_CONFIG_H

/* Provisional until a registry assigns them (doc/protocol.md, "Registry considerations"). */
#ifndef MUSTER_PORT
#define MUSTER_PORT 6878
#endif
#ifndef MUSTER_ANYCAST4
#define MUSTER_ANYCAST4 "192.0.0.68"
#endif
#ifndef MUSTER_ANYCAST6
#define MUSTER_ANYCAST6 "2001:1::68"
#endif

/* The device's memory (R5, R7). A small device may lower these; one signer and one authority still
 * make a complete device. */
#ifndef MUSTER_SIGNERS
#define MUSTER_SIGNERS 4
#endif
#ifndef MUSTER_AUTHORITIES
#define MUSTER_AUTHORITIES 4
#endif
#ifndef MUSTER_OVERRIDES
#define MUSTER_OVERRIDES 8
#endif
#ifndef MUSTER_NETWORKS
#define MUSTER_NETWORKS 8
#endif

#endif
