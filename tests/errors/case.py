"""One error: how to cause it and what it must tell."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType

import skmo

SOURCE = Path(skmo.__file__).parent


@dataclass(frozen=True)
class Case:
    """A call that must fail, and the three things that its message must say.

    Each is a passage of the message, letter by letter: a message that names the
    parameter but not what was passed, or not what to do, has no case. ``None`` is for
    an error that has no such thing: a damaged file has no parameter, a missing library
    no value.
    """

    call: Callable[[], object]
    error: type[BaseException]
    parameter: str | None
    value: str | None
    remedy: str | None


@dataclass(frozen=True)
class Site:
    """A ``raise`` of skmo."""

    file: str
    lines: range
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.lines.start} in {self.function or 'the module'}"


def sites_in(path: Path, name: str) -> Iterator[Site]:
    """Every ``raise`` with an error of its own; a bare one passes another's on."""
    pending: list[tuple[ast.AST, str]] = [(ast.parse(path.read_text("utf-8")), "")]
    while pending:
        node, function = pending.pop()
        if isinstance(node, ast.Raise) and node.exc is not None:
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            yield Site(name, lines, function)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            function = f"{function}.{node.name}" if function else node.name
        pending += [(child, function) for child in ast.iter_child_nodes(node)]


@cache
def all_sites() -> frozenset[Site]:
    return frozenset(
        site
        for path in SOURCE.rglob("*.py")
        for site in sites_in(path, path.relative_to(SOURCE).as_posix())
    )


def _last_line(traceback: TracebackType | None) -> tuple[str, int] | None:
    """The innermost line of skmo that an error passed."""
    last = None
    while traceback is not None:
        path = Path(traceback.tb_frame.f_code.co_filename)
        if path.is_relative_to(SOURCE):
            last = path.relative_to(SOURCE).as_posix(), traceback.tb_lineno
        traceback = traceback.tb_next
    return last


def sites_of(error: BaseException) -> set[Site]:
    """Where an error was raised, and those that it was raised in place of."""
    found: set[Site] = set()
    chain: list[BaseException | None] = [error]
    seen: set[int] = set()
    while chain:
        link = chain.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        line = _last_line(link.__traceback__)
        if line is not None:
            found |= {
                s for s in all_sites() if s.file == line[0] and line[1] in s.lines
            }
        chain += [link.__cause__, link.__context__]
    return found
