/* SPDX-License-Identifier: ISC */
/* The thread beside the worker: reads what changed, swaps snapshots, answers the control socket,
 * ends the daemon when told to. All that may take long happens here. */
#ifndef HEADEND_LOADER_H
#define HEADEND_LOADER_H

#include "headend/io.h"
#include "headend/options.h"
#include "host/control.h"

#define LOADER_LOOK_MS                                                                             \
    10000                   /* standings are stapled anew, and files looked at, at least so often */
#define LOADER_SETTLE_MS 50 /* after the first sign of a change */

/* Runs the head-end on open descriptors until SIGTERM or SIGINT. SIGHUP reads the configuration
 * and all files again. Takes the reference to `settings`. 0 or a negative errno after saying what
 * was wrong. */
int loader_run(const struct options *options, struct settings *settings, struct io *io,
               struct control *control);

#endif
