/* SPDX-License-Identifier: ISC */
/* A list of allowed system calls as a BPF program. Refused calls fail instead of killing: a C
 * library that asks for something new must not take the reports down. */
#include "agent/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARMEL__)
#define ARCH AUDIT_ARCH_ARM
#elif defined(__i386__)
#define ARCH AUDIT_ARCH_I386
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#elif defined(__mips__) && defined(__MIPSEL__) && !defined(__mips64)
#define ARCH AUDIT_ARCH_MIPSEL
#elif defined(__mips__) && !defined(__MIPSEL__) && !defined(__mips64)
#define ARCH AUDIT_ARCH_MIPS
#endif

#if defined(__SANITIZE_ADDRESS__)
#undef ARCH
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#undef ARCH
#endif
#endif

#ifdef ARCH

#define ALLOW(name)                                                                                \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1),                                        \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static const struct sock_filter program[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    ALLOW(socket),
    ALLOW(connect),
    ALLOW(setsockopt),
    ALLOW(sendto),
    ALLOW(recvfrom),
    ALLOW(close),
    ALLOW(ppoll),
    ALLOW(brk),
    ALLOW(munmap),
    ALLOW(exit),
    ALLOW(exit_group),
    ALLOW(rt_sigreturn),
    ALLOW(restart_syscall),
#ifdef __NR_poll
    ALLOW(poll),
#endif
#ifdef __NR_send
    ALLOW(send),
#endif
#ifdef __NR_recv
    ALLOW(recv),
#endif
#ifdef __NR_ppoll_time64
    ALLOW(ppoll_time64),
#endif
#ifdef __NR_socketcall
    ALLOW(socketcall),
#endif
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
};

void seccomp_network_only(void)
{
    const struct sock_fprog filter = {.len = sizeof program / sizeof *program,
                                      .filter = (struct sock_filter *)program};

    (void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

#else

void seccomp_network_only(void)
{
}

#endif
