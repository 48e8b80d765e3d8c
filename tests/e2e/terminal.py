# SPDX-License-Identifier: ISC
"""Ctrl-C while a command asks for a passphrase on its terminal: terminal.py COMMAND...
Prints whether the terminal still shows what is typed, and by which signal the command ended."""
import fcntl
import os
import pty
import sys
import termios
import time

fd, slave = pty.openpty()
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    os.execv(sys.argv[1], sys.argv[1:])


def shows():
    return bool(termios.tcgetattr(slave)[3] & termios.ECHO)


asked = b""
while not asked.endswith(b": "):
    asked += os.read(fd, 1000)
for _ in range(250):
    if not shows():
        break
    time.sleep(0.02)
else:
    sys.exit("the terminal shows passphrases")
os.write(fd, b"\x03")
_, status = os.waitpid(pid, 0)
print("shown" if shows() else "hidden", os.WTERMSIG(status) if os.WIFSIGNALED(status) else "no signal")
