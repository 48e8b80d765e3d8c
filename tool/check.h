/* SPDX-License-Identifier: ISC */
/* What check holds sources against, for whoever else needs it. */
#ifndef TOOL_CHECK_H
#define TOOL_CHECK_H

#include "tool/folder.h"

/* Joins the sources as sign does and holds models against each other. Problems are added; 0, or -1
 * after saying what failed. */
int check_folder(const struct folder *folder, struct problems *problems);

#endif
