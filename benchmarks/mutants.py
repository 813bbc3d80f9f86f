"""Which small faults in the objectives and balancers their tests do not notice.

    python benchmarks/mutants.py balancing --sample 600
    python benchmarks/mutants.py balancing --again survived
    python benchmarks/mutants.py --out docs/benchmarks/mutants

`mutmut <https://mutmut.readthedocs.io>`_ (>= 3.8) writes the mutants into a copy of the
repository, all of a file behind a switch. Its own runner collects the tests for every
mutant anew, which here takes longer than to run them. So the tests are collected once,
a copy of the process runs them all and says which function each calls, and then a copy
for every mutant runs the tests that call its function, the fastest first, until one
fails. Outcomes are a line of JSON each; a mutant that has one is not run again, and a
test that was measured is not measured again. Delete the folder after a change to the
package: mutants and what tests call are then others.

Mutants come in random order, so any number of them is a sample. Tests of a package are
those in its folder that are not marked slow, without the files in SKIPPED, which train.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import fnmatch
import json
import os
import random
import resource
import shutil
import signal
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

# Read when the libraries are loaded. With one thread there is no pool of threads that
# a copy of the process would lack.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("objectives", "balancing")
SKIPPED = {
    "objectives": ["test_ranking_lightgbm.py"],
    "balancing": ["test_fronts.py", "test_convergence.py"],
}
# Seconds of the processor a test may take: a mutant that loops for ever is noticed.
LEAST, TIMES = 5.0, 20.0
MEMORY = 16 << 30
CAUGHT = ("killed", "time", "crash")
BROKEN = 99  # exit status of a copy of the process in which this script failed


def prepare(folder: Path) -> dict[str, str]:
    """Copy the repository and mutate it there; each mutant's difference, by name."""
    shutil.rmtree(folder, ignore_errors=True)
    leave = shutil.ignore_patterns("__pycache__", "_build", "auto_examples")
    for part in ("skmo", "tests", "docs"):
        shutil.copytree(ROOT / part, folder / part, ignore=leave)
    settings = (ROOT / "setup.cfg").read_text("utf-8")
    (folder / "setup.cfg").write_text(settings + "\n[mutmut]\nsource_paths=skmo\n")
    os.chdir(folder)
    from mutmut.mutation.file_mutation import mutate_file_contents
    from mutmut.utils.format_utils import get_mutant_name

    found = {}
    for package in PACKAGES:
        for path in sorted(Path("skmo", package).glob("*.py")):
            mutated = mutate_file_contents(str(path), path.read_text("utf-8"))
            path.write_text(mutated.code, "utf-8")
            lines = mutated.code.splitlines()
            for name in mutated.mutant_names:
                found[get_mutant_name(path, name)] = difference(
                    lines, mutated.line_span_by_function_name, name
                )
    return found


def difference(lines: list[str], spans: Any, name: str) -> str:
    original = name.partition("__mutmut_")[0] + "__mutmut_orig"

    def code(function: str) -> list[str]:
        span = spans[function]
        text = "\n".join(lines[span.start - 1 : span.end])
        return textwrap.dedent(text).replace(function, "f").splitlines()

    changes = difflib.unified_diff(code(original), code(name), n=0, lineterm="")
    return "\n".join(line for line in changes if not line.startswith(("---", "+++")))


class Runner:
    """A pytest plugin that runs mutants in place of the tests it was given."""

    def __init__(self, mutants: list[str], minutes: float, measured: Path) -> None:
        self.mutants = mutants
        self.measured = measured
        self.deadline = time.monotonic() + 60 * minutes
        self.outcomes: list[dict[str, Any]] = []
        self.write = lambda outcome: self.outcomes.append(outcome)
        self.failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        import skmo

        assert Path(skmo.__file__).is_relative_to(Path.cwd()), skmo.__file__
        items = {item.nodeid: item for item in session.items}
        calls, seconds = self.measure(items)
        print(f"\n{len(items)} tests, {sum(seconds.values()):.0f} s of the processor")
        for mutant in self.mutants:
            if time.monotonic() > self.deadline:
                break
            function = mutant.partition("__mutmut_")[0]
            chosen = sorted(calls.get(function, ()), key=seconds.__getitem__)
            start = time.monotonic()
            outcome = self.outcome(mutant, [items[name] for name in chosen], seconds)
            outcome["seconds"] = round(time.monotonic() - start, 2)
            self.write({"mutant": mutant, "tests": len(chosen), **outcome})
        return True

    def measure(
        self, items: dict[str, pytest.Item]
    ) -> tuple[dict[str, list[str]], dict[str, float]]:
        """The tests that call each function, and what each takes."""
        import mutmut.mutation.trampoline as trampoline

        known = json.loads(self.measured.read_text()) if self.measured.exists() else {}
        known = {name: known[name] for name in items if name in known}

        def run(pipe: int) -> None:
            called: set[str] = set()
            trampoline.record_trampoline_hit = lambda name, **_: called.add(name)
            trampoline.set_mutant_under_test("stats")
            new = [item for name, item in items.items() if name not in known]
            for item, following in pairs(new):
                called.clear()
                start = time.process_time()
                self.run(item, following)
                took = time.process_time() - start
                assert not self.failed, f"{item.nodeid} fails without a mutant"
                os.write(pipe, json.dumps([item.nodeid, took, [*called]]).encode())
                os.write(pipe, b"\n")

        reader, writer = os.pipe()
        child = self.fork(run, writer)
        os.close(writer)
        with os.fdopen(reader) as lines:
            for line in lines:
                name, *rest = json.loads(line)
                known[name] = rest
        if os.waitpid(child, 0)[1] or len(known) < len(items):
            raise SystemExit("The tests do not pass without a mutant.")
        self.measured.write_text(json.dumps(known))
        calls: dict[str, list[str]] = {}
        for name, (_, called) in known.items():
            for function in called:
                calls.setdefault(function, []).append(name)
        seconds = {name: took for name, (took, _) in known.items()}
        return calls, seconds

    def outcome(
        self, mutant: str, items: list[pytest.Item], seconds: dict[str, float]
    ) -> dict[str, Any]:
        if not items:
            return {"status": "uncalled"}
        from mutmut.mutation.trampoline import set_mutant_under_test

        def run(pipe: int) -> None:
            set_mutant_under_test(mutant)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
            for item, following in pairs(items):
                limit = max(LEAST, TIMES * seconds[item.nodeid])
                limit = int(time.process_time() + limit) + 1
                resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))
                self.run(item, following)
                if self.failed:
                    os.write(pipe, item.nodeid.encode())
                    os._exit(1)

        reader, writer = os.pipe()
        child = self.fork(run, writer)
        os.close(writer)
        # The processor's seconds end a loop; this is for one that waits.
        waited = time.monotonic() + 600 + 100 * sum(seconds[i.nodeid] for i in items)
        while not (ended := os.waitpid(child, os.WNOHANG))[0]:
            if time.monotonic() > waited:
                os.kill(child, signal.SIGKILL)
            time.sleep(0.01)
        with os.fdopen(reader) as text:
            by = text.read()
        code = os.waitstatus_to_exitcode(ended[1])
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            return {"status": "time"}
        if code == BROKEN:
            raise SystemExit(f"The run of {mutant} failed, not a test.")
        known = {0: "survived", 1: "killed"}
        return {"status": known.get(code, "crash"), "by": by}

    def run(self, item: pytest.Item, following: pytest.Item | None) -> None:
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)

    def fork(self, function: Any, pipe: int) -> int:
        sys.stdout.flush()
        child = os.fork()
        if child:
            return child
        try:
            with open(os.devnull, "w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
            function(pipe)
        except BaseException:
            os._exit(BROKEN)
        os._exit(0)


def pairs(items: list[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(items, [*items[1:], None], strict=True)


def read(path: Path) -> dict[str, dict[str, Any]]:
    """The last outcome of each mutant, in the order of the first ones."""
    if not path.exists():
        return {}
    lines = map(json.loads, path.read_text("utf-8").splitlines())
    return {outcome["mutant"]: outcome for outcome in lines}


def run(package: str, arguments: argparse.Namespace) -> None:
    folder = arguments.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    records = folder / f"{package}-{arguments.seed}.jsonl"
    differences = prepare(folder / package)
    mutants = [name for name in differences if name.startswith(f"skmo.{package}.")]
    random.Random(arguments.seed).shuffle(mutants)
    print(f"{len(mutants)} mutants of skmo/{package}")
    done = read(records)
    # A mutant's name holds its number, which another version of the file may give to
    # another mutant: what counts is the difference it makes.
    if arguments.again:
        keys = {
            (name.partition("__mutmut_")[0], outcome["difference"])
            for name, outcome in done.items()
            if outcome["status"] == arguments.again
        }
        mutants = [
            name
            for name in mutants
            if (name.partition("__mutmut_")[0], differences[name]) in keys
        ]
    elif arguments.only:
        mutants = [name for name in mutants if fnmatch.fnmatch(name, arguments.only)]
    else:
        mutants = [name for name in mutants[: arguments.sample] if name not in done]
    runner = Runner(mutants, arguments.minutes, folder / f"{package}-measured.json")
    with records.open("a", encoding="utf-8") as file:

        def write(outcome: dict[str, Any]) -> None:
            outcome["difference"] = differences[outcome["mutant"]]
            file.write(json.dumps(outcome) + "\n")
            file.flush()
            if outcome["status"] not in CAUGHT:
                print(f"{outcome['status']}: {outcome['mutant']}", flush=True)
                print(textwrap.indent(outcome["difference"], "    "), flush=True)

        runner.write = write
        options = ["-n0", "-q", "--tb=no", "-p", "no:cacheprovider"]
        options += ["-s", "-m", "not slow and not processes", f"tests/{package}"]
        options += [f"--ignore=tests/{package}/{name}" for name in SKIPPED[package]]
        code = pytest.main(options, plugins=[runner])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        sys.exit(int(code))
    print(Counter(outcome["status"] for outcome in read(records).values()))


def interval(caught: int, n: int) -> tuple[float, float]:
    """Wilson's of 95 % for a share, in per cent."""
    z, share = 1.96, caught / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + (z / (2 * n)) ** 2) ** 0.5
    return 100 * (middle - half), 100 * (middle + half)


def table(arguments: argparse.Namespace) -> None:
    """Write `scores.csv`: mutants caught by package and module."""
    rows = []
    for package in PACKAGES:
        found = read(arguments.folder / f"{package}-{arguments.seed}.jsonl").values()
        modules: dict[str, list[bool]] = {}
        for outcome in found:
            module = outcome["mutant"].split(".")[2]
            modules.setdefault(module, []).append(outcome["status"] in CAUGHT)
        everything = [caught for module in modules.values() for caught in module]
        low, high = interval(sum(everything), len(everything))
        named = {f"**{package}**": everything}
        named |= {f"``{name}``": modules[name] for name in sorted(modules)}
        for name, caught in named.items():
            rows.append([name, len(caught), sum(caught), f"{100 * fmean(caught):.0f}"])
        rows[-len(named)][-1] = (
            f"{100 * fmean(everything):.1f} ({low:.1f} to {high:.1f})"
        )
    arguments.out.mkdir(parents=True, exist_ok=True)
    with (arguments.out / "scores.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["module", "mutants", "caught", "%"])
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", choices=PACKAGES, nargs="?")
    parser.add_argument("--sample", type=int, default=10**9, help="default: all")
    parser.add_argument("--seed", type=int, default=0, help="of the order")
    parser.add_argument("--minutes", type=float, default=1e9, help="to end after")
    parser.add_argument("--again", help="run those of this outcome again")
    parser.add_argument("--only", help="run those of names like this")
    parser.add_argument("--out", type=Path, help="write the table to this folder")
    parser.add_argument(
        "--folder",
        type=Path,
        default=ROOT / "benchmarks" / "results" / "mutants",
        help="of the copy and the outcomes (default: benchmarks/results/mutants)",
    )
    arguments = parser.parse_args()
    if arguments.package:
        run(arguments.package, arguments)
    if arguments.out:
        table(arguments)


if __name__ == "__main__":
    main()
