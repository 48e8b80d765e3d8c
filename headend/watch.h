/* SPDX-License-Identifier: ISC */
/* Hears of changes to the configured files, through their directories, so that a file renamed
 * into place shows. Only a hint: what cannot be watched is found by looking now and then. */
#ifndef HEADEND_WATCH_H
#define HEADEND_WATCH_H

#include <stdbool.h>

#include "headend/settings.h"

/* A descriptor to poll for reading, or a negative errno. */
int watch_open(void);
/* Watches the directories of all lists and standings; again is harmless, and finds new
 * directories. */
void watch_settings(int fd, const struct settings *settings);
/* Empties the descriptor; whether anything was in it. */
bool watch_drain(int fd);

#endif
