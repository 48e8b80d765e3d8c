/* SPDX-License-Identifier: ISC */
/* What `musterd` can be asked to do, and how it ends. */
#ifndef HEADEND_VERBS_H
#define HEADEND_VERBS_H

/* Exit codes (musterd(8)). */
enum {
    END_OK = 0,
    END_PROBLEM = 1, /* could not run or go on; --check and health: something is not well */
    END_USAGE = 2    /* the command line or the configuration is wrong */
};

/* argv[0] is the program's or the verb's name. Each returns an exit code. */
int daemon_main(int argc, char **argv);
int status_main(int argc, char **argv);
int health_main(int argc, char **argv);

#endif
