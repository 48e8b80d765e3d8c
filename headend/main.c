/* SPDX-License-Identifier: ISC */
/* musterd, the head-end. It must not do anything here but choose what to do. */
#include <sodium.h>
#include <string.h>

#include "headend/verbs.h"
#include "host/log.h"

int main(int argc, char **argv)
{
    log_open("musterd", false, LOG_LEVEL_INFO);
    if (sodium_init() < 0) {
        log_error("libsodium cannot start: the system gives no random numbers");
        return END_PROBLEM;
    }
    if (argc > 1 && strcmp(argv[1], "status") == 0)
        return status_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "health") == 0)
        return health_main(argc - 1, argv + 1);
    return daemon_main(argc, argv);
}
