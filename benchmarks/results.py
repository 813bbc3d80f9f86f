"""The results file: one JSON line per data set, model and seed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Key = tuple[str, str, int]


def key_of(record: Record) -> Key:
    return record["set"], record["model"], record["seed"]


def read(path: Path) -> dict[Key, Record]:
    """The last record of each key; a line cut off by an interrupted run is skipped."""
    records: dict[Key, Record] = {}
    if not path.exists():
        return records
    for line in path.read_text().splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        records[key_of(record)] = record
    return records


def append(path: Path, record: Record) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(record) + "\n")


def is_final(record: Record | None, time_limit: float) -> bool:
    """Whether a run with this time limit would learn nothing new.

    What failed or was not installed is tried again, and what ran out of time if there
    is more of it now.
    """
    if record is None:
        return False
    if record["status"] == "over":
        return record["time_limit"] >= time_limit
    return record["status"] in ("ok", "unsupported")
