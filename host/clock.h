/* SPDX-License-Identifier: ISC */
/* The two clocks and times as text. */
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_TEXT_CAP 32

/* Milliseconds since boot, sleep included; never runs back. */
uint64_t clock_mono_ms(void);

/* Unix seconds by the system's clock, which may be wrong (1970); 0 if it stands before 1970. */
uint64_t clock_wall_s(void);

/* Does the kernel say that something (NTP) keeps the system's clock right? */
bool clock_synced(void);

/* "2026-01-01 00:00:00Z"; "never" for 0; "unix N" past the year 9999. Returns out. */
const char *clock_format(char out[CLOCK_TEXT_CAP], uint64_t unix_s);

/* Unix seconds, or "2026-01-01", or "2026-01-01T00:00:00Z" (RFC 3339; T may be a blank; Z alone as
 * the offset; no fractions, no leap second). 0, or -EINVAL with *ret_unix_s untouched. */
int clock_parse(const char *text, uint64_t *ret_unix_s);

#endif
