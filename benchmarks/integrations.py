"""What of the ecosystem works with skmo and with its peers: every cell is run.

    python benchmarks/integrations.py --out docs/user_guide/integrations.csv

Each check is one natural use of another library on a model of three real targets. A
cell says "yes", or "per target" where each target has a model of its own to apply the
tool to, or "no" with the reason, which is kept in full with ``--errors``.
"""

from __future__ import annotations

import argparse
import csv
import importlib.metadata
import sys
import warnings

from integrations_checks import CHECKS
from integrations_models import MODELS


def outcome(check, model) -> tuple[str, str]:
    """A cell of the table, and why."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return check(model) or "yes", ""
    except (Exception, SystemExit) as error:
        first = (str(error).strip() or "no message").splitlines()[0]
        return "no", f"{type(error).__name__}: {first}"


def versions(packages: tuple[str, ...]) -> str:
    found = (f"{name} {importlib.metadata.version(name)}" for name in packages)
    return ", ".join(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", help="where to write the table (CSV)")
    parser.add_argument("--errors", help="where to write the reasons of each no")
    parser.add_argument("--only", default="", help="checks whose name contains this")
    arguments = parser.parse_args()
    table, reasons = [], []
    for name, packages, check in CHECKS:
        if arguments.only not in name:
            continue
        row = [name]
        for model_name, model in MODELS.items():
            cell, reason = outcome(check, model)
            row.append(cell)
            if reason:
                reasons.append([name, model_name, reason])
                print(f"  {model_name}: {reason[:200]}", file=sys.stderr)
        row.append(versions(packages))
        table.append(row)
        print(" | ".join(row), flush=True)
    header = ["use", *MODELS, "tested with"]
    for path, rows in ((arguments.out, [header, *table]), (arguments.errors, reasons)):
        if path:
            with open(path, "w", newline="", encoding="utf-8") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
