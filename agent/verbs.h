/* SPDX-License-Identifier: ISC */
/* How `muster-agent` ends (muster-agent(8)). */
#ifndef AGENT_VERBS_H
#define AGENT_VERBS_H

enum {
    END_OK = 0,
    END_PROBLEM = 1,      /* it could not be done */
    END_USAGE = 2,        /* the command line, the configuration or an anchor is wrong */
    END_NOT_RUNNING = 3,  /* no agent runs that could answer */
    END_RUNS_ALREADY = 4, /* another agent runs here */
    END_NO_PRIVILEGE = 5  /* root and CAP_NET_ADMIN are needed */
};

#endif
