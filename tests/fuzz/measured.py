"""What a call takes of memory, and whether it survives, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINUX = sys.platform == "linux"

_CHILD = """
import json, resource, sys
{setup}
limit = {limit}
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

def high_water():
    with open("/proc/self/status") as status:
        return int(status.read().split("VmHWM:")[1].split()[0]) * 1024

def memory_of(function, *arguments):
    # What was freed before is not taken again.
    with open("/proc/self/clear_refs", "w") as clear:
        clear.write("5")
    before = high_water()
    outcome = function(*arguments)
    return outcome, high_water() - before

found = {{}}
for name in json.loads(sys.argv[1]):
    found[name] = memory_of(call, name)
print(json.dumps(found))
"""


def memory_in_a_child(setup, names, limit=8 << 30):
    """Of each name what ``call(name)`` returns, and how much the memory grew by it.

    ``setup`` is the code that defines ``call``.
    """
    if not LINUX:
        pytest.skip("memory is measured by /proc")
    done = run(_CHILD.format(setup=setup, limit=limit), json.dumps(list(names)))
    return json.loads(done.splitlines()[-1])


def run(code, *arguments):
    """What a child prints; that it ends in any way but well is an error."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=600,
    )
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return done.stdout
