# SPDX-License-Identifier: ISC
"""Random walks of a signing room, held against what one device of every model would remember.

Lists are signed out of the last list, or of an older one as somebody would by mistake, with sign,
sign --renew, withdraw and revert, under a clock that jumps and is set back, some over lists that are
there; and some of them are installed. After each installing: no word on a model may be older than the
one that the device has, nor another of the same date, and what it may still believe is not gone
without a withdrawal. usage: walk.py MUSTER FIRST_SEED WALKS"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

DAY = 86400
STEPS = 14
muster, first_seed, walks = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def run(*arguments):
    return subprocess.run([muster, *arguments], capture_output=True, text=True, check=False)


def models(path):
    """By name: issued, expires, whether it has defects, and all that it says."""
    shown = json.loads(run("show", "--json", "--all", path).stdout)
    return shown["issued"], {
        m["vendor"] + "/" + m["model"]: (m["issued"], m["expires"], bool(m["defects"]), json.dumps(m))
        for m in shown["models"]}


def source(number, fixed, after):
    with open(f"d/{number}.json", "w", encoding="ascii") as out:
        json.dump({"id": f"CVE-2026-{1000 + number}", "modified": "2026-01-01T00:00:00Z",
                   "affected": [{"package": {"ecosystem": "Muster", "name": f"acme/m{number % 3}"},
                                 "ranges": [{"type": "ECOSYSTEM",
                                             "events": [{"introduced": "0"}, {"fixed": fixed}]}]}],
                   "database_specific": {"muster": {"reason": 1, "enforce-after": after}}}, out)


def command(r, lists):
    if not lists:
        return "first", ["sign", "d", "--first", "-o", "first"]
    out = r.choice(["out0", "out1", "out2", "live"])
    old = r.choice(lists[-3:]) if r.random() < 0.5 else lists[-1]
    return out, r.choice([["sign", "d", "--old", old, "-o", out], ["sign", "d", "--old", old, "-o", out],
                          ["sign", "--renew", old, "-o", out],
                          ["withdraw", old, f"acme/m{r.randint(0, 2)}", "-o", out],
                          ["revert", r.choice(lists), "--old", old, "-o", out]])


def judge(known):
    """Holds the list in place against what the device knows, which it then learns; what is wrong."""
    issued, there = models("place")
    for name, was in known.items():
        if name not in there:
            if was[2] and was[1] > issued:
                return f"{name} is believed until {was[1]} and not withdrawn at {issued}"
        elif there[name][0] < was[0] or (there[name][0] == was[0] and there[name][3] != was[3]):
            return f"{name} goes back from {was[0]} to {there[name][0]}"
    known.update(there)
    for name in set(known) - set(there):
        del known[name]
    return None


def walk(seed):
    r = random.Random(seed)
    clock, lists, known, log, installed = int(time.time()), [], {}, [], 0
    run("key", "new", "k")
    for _ in range(STEPS):
        clock += r.choice([0, 1, 60, DAY, 3 * DAY, 10 * DAY, 20 * DAY, -2 * DAY])
        shutil.rmtree("d", ignore_errors=True)
        os.mkdir("d")
        for _ in range(r.randint(1, 5)):
            source(r.randint(0, 5), r.choice(["2.0", "3.0"]), r.choice([0, 5, "never"]))
        out, words = command(r, lists)
        words += ["--now", str(clock), "--days", str(r.choice([5, 30, 40])), "--key", "k"]
        log.append(" ".join(words))
        if run(*words).returncode == 0:
            lists.append(f"l{len(lists)}")
            shutil.copy(out, lists[-1])
        if lists and r.random() < 0.6:
            log.append("install " + r.choice(lists[-3:]))
            done = run("install", log[-1].split()[1], "--to", "place", "--control", "/nonexistent")
            installed += done.returncode == 0
            wrong = judge(known) if done.returncode == 0 else None
            if wrong is not None:
                return installed, [f"walk {seed}: {wrong}", *log]
    return installed, None


def main():
    installed, failed = 0, []
    for seed in range(first_seed, first_seed + walks):
        with tempfile.TemporaryDirectory(dir=".") as place:
            os.chdir(place)
            count, wrong = walk(seed)
            os.chdir("..")
        installed += count
        if wrong is not None:
            failed.append(wrong)
            print("\n  ".join(wrong))
    print(f"{walks} walks, {installed} lists installed, {len(failed)} went back")
    return 1 if failed or installed < walks else 0


sys.exit(main())
