/* SPDX-License-Identifier: ISC */
/* What is wrong or surprising between the files of a folder. */
#ifndef TOOL_LINT_H
#define TOOL_LINT_H

#include "tool/folder.h"

/* Warns of models that differ only in separators or by "firmware" (rule case): devices report one
 * of them, and nobody the other. 0, or -1 without memory. */
int lint_names(const struct folder *folder, struct problems *problems);

#endif
