/* SPDX-License-Identifier: ISC */
/* Every verb of the tool; main.c lists them in the order of `muster --help`. */
#ifndef TOOL_VERBS_H
#define TOOL_VERBS_H

#include "tool/cli.h"

extern const struct verb verb_key_new, verb_key_show, verb_key_backup, verb_key_restore, verb_check,
    verb_sign, verb_withdraw, verb_revert, verb_show, verb_approve, verb_prepare, verb_install,
    verb_explain, verb_diff, verb_publish, verb_ask, verb_standing, verb_anchor_new;
extern const struct verb verb_import, verb_names_suggest;

#endif
