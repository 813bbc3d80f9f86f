"""The ranking benchmark's results: a JSON line per set, model, setting and seed."""

from __future__ import annotations

import json
from pathlib import Path

from results import Record

Key = tuple[str, str, float, int]


def key_of(record: Record) -> Key:
    return record["set"], record["model"], record["setting"], record["seed"]


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
