"""Plants one bug after the other in a copy of the tree; the tests that must see it run (run.sh)."""

import os
import pathlib
import shutil
import subprocess
import sys
import time

TREE = pathlib.Path.cwd()
TABLE = TREE / "tests" / "planted" / "bugs.txt"
FOLDERS = "api config daemon ledger lifecycle reservations tests".split()
TEST_SECONDS_MAX = 300
# A small world is searched small here: each bug has shown itself by then.
ENVIRONMENT = dict(os.environ, PURSER_SMALL_WORLD_DEPTH="4")
NEEDS = {"end_to_end": ["purserd"], "pages": ["purserd", "purser"]}


class Bug:
    def __init__(self, name):
        self.name = name
        self.file = self.old = self.new = ""
        self.tests = []


def read_table():
    bugs = []
    for number, line in enumerate(TABLE.read_text().splitlines(), 1):
        word, _, rest = line.partition(" ")
        if not line or word == "#":
            continue
        if word == "bug":
            bugs.append(Bug(rest.split()[0]))
        elif word == "file":
            bugs[-1].file = rest
        elif word == "-":
            bugs[-1].old = rest
        elif word == "+":
            bugs[-1].new = rest
        elif word == "red":
            bugs[-1].tests = rest.split()
        else:
            sys.exit(f"{TABLE}:{number}: not understood: {line}")
    return bugs


def copy_tree(copy):
    """Only what differs is written, so that a directory that is used again builds little."""
    wanted = {pathlib.Path(name) for name in ("CMakeLists.txt", "README.md", ".clang-format")}
    for folder in FOLDERS:
        wanted |= {p.relative_to(TREE) for p in (TREE / folder).rglob("*")
                   if p.is_file() and "__pycache__" not in p.parts}
    for path in wanted:
        target = copy / path
        if not (TREE / path).exists():
            continue
        text = (TREE / path).read_bytes()
        if not target.exists() or target.read_bytes() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TREE / path, target)
    for path in [p for p in copy.rglob("*") if p.is_file()]:
        relative = path.relative_to(copy)
        if relative.parts[0] in FOLDERS and relative not in wanted:
            path.unlink()


def build(directory, tests):
    targets = set()
    for test in tests:
        folder = test.partition(":")[0]
        targets |= {folder + "_test", *NEEDS.get(folder, [])}
    return subprocess.run(["ninja", "-C", directory / "build", *sorted(targets)],
                          capture_output=True, text=True)


def is_red(directory, test):
    folder, _, test_filter = test.partition(":")
    command = [directory / "build" / "bin" / (folder + "_test"), "--gtest_brief=1"]
    if test_filter:
        command.append("--gtest_filter=" + test_filter)
    try:
        done = subprocess.run(command, cwd=directory / "copy", env=ENVIRONMENT,
                              capture_output=True, timeout=TEST_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def try_bug(directory, bug):
    """The verdict on one bug; the copy is whole again afterwards."""
    path = directory / "copy" / bug.file
    whole = path.read_text()
    if not bug.old or whole.count(bug.old) != 1:
        return f"DOES NOT APPLY: its text occurs {whole.count(bug.old)} times"
    try:
        path.write_text(whole.replace(bug.old, bug.new))
        for test in bug.tests:
            built = build(directory, [test])
            if built.returncode != 0:
                return "DOES NOT BUILD\n" + built.stdout[-2000:]
            if is_red(directory, test):
                return "caught by " + test
        return "SURVIVED"
    finally:
        path.write_text(whole)


def main():
    directory = pathlib.Path(sys.argv[1]).resolve()
    bugs = read_table()
    chosen = sys.argv[2:]
    unknown = set(chosen) - {bug.name for bug in bugs}
    if unknown:
        sys.exit("no such bug: " + ", ".join(sorted(unknown)))
    bugs = [bug for bug in bugs if not chosen or bug.name in chosen]
    copy_tree(directory / "copy")
    # ccache then takes what was compiled elsewhere; a warning of planted text is no error.
    ENVIRONMENT["CCACHE_BASEDIR"] = os.environ["CCACHE_BASEDIR"] = str(directory)
    subprocess.run(["cmake", "-S", directory / "copy", "-B", directory / "build", "-G", "Ninja",
                    "-DCMAKE_CXX_FLAGS=-w", "-DCMAKE_CXX_FLAGS_RELEASE=-O1"],
                   check=True, stdout=subprocess.DEVNULL)
    tests = sorted({test for bug in bugs for test in bug.tests})
    built = build(directory, tests)
    if built.returncode != 0:
        sys.exit("the tree does not build:\n" + built.stdout[-4000:])
    red = [test for test in tests if is_red(directory, test)]
    if red:
        sys.exit("red without any bug: " + " ".join(red))
    failed = 0
    for bug in bugs:
        started = time.monotonic()
        verdict = try_bug(directory, bug)
        failed += not verdict.startswith("caught")
        print(f"{bug.name:36} {verdict} ({time.monotonic() - started:.0f} s)", flush=True)
    print(f"{len(bugs) - failed} of {len(bugs)} planted bugs caught")
    sys.exit(failed > 0)


main()
