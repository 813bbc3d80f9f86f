"""What pages say of the package and of each other holds."""

from __future__ import annotations

import doctest
import inspect
import re
import shlex

import pytest

from skmo.cli._arguments import make_parser

from ..test_project import public_names
from .code_blocks import DOCS, ROOT, pages

TRANSLATIONS = ["index.rst", "quick_start.rst"]


def read(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", TRANSLATIONS)
def test_translation_has_the_code_of_the_original(page):
    def sessions(text):
        examples = doctest.DocTestParser().get_examples(text)
        return [(example.source, example.want) for example in examples]

    original = sessions(read(page))
    assert original
    assert sessions(read(f"zh/{page}")) == original


def test_there_are_no_other_translations():
    assert {page for page in pages() if page.startswith("zh/")} == {
        f"zh/{page}" for page in TRANSLATIONS
    }


def commands():
    """Every ``python -m skmo`` of the pages, README and docstrings of the package."""
    texts = {page: read(page) for page in pages()}
    texts["README.md"] = (ROOT / "README.md").read_text(encoding="utf-8")
    return sorted(
        {
            match[1]
            for text in texts.values()
            for match in re.finditer(
                r"^ *\$ (?:.*/)?python -m skmo (.*)$", text, re.MULTILINE
            )
        }
    )


@pytest.mark.parametrize("command", commands())
def test_command_is_understood(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command)
    if "--help" in words:
        with pytest.raises(SystemExit) as end:
            make_parser().parse_args(words)
        assert end.value.code == 0
    else:
        assert make_parser().parse_args(words)


def cited_titles():
    """Title -> where, of all papers in the docstrings of public names."""
    found = {}
    for name, member in public_names().items():
        members = [member]
        if inspect.isclass(member):
            members += [part for part in vars(member).values() if callable(part)]
        for part in members:
            text = inspect.getdoc(part) or ""
            section = re.search(
                r"^References\n-+\n(.*?)(?=\n\n[A-Z][A-Za-z ]+\n-+\n|\Z)",
                text,
                re.MULTILINE | re.DOTALL,
            )
            if section:
                # Other words in quotes are methods' names: no comma follows.
                for title in re.findall(r'"([^"]+)"[,.]', section[1]):
                    found[normal(title)] = name
    return found


def normal(text: str) -> str:
    return re.sub(r"\s+", " ", text).lower()


def test_references_list_every_paper():
    page = normal(read("references.rst"))
    titles = cited_titles()
    assert len(titles) > 40
    missing = {t: name for t, name in titles.items() if t not in page}
    assert missing == {}


def links():
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#\s]+)\)", text):
            if "://" not in target:
                yield name, target


@pytest.mark.parametrize(("name", "target"), list(links()))
def test_relative_link_leads_somewhere(name, target):
    assert (ROOT / name).parent.joinpath(target).exists()


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("plot_*.py")))
def test_example_ends_in_a_picture(path):
    text = path.read_text(encoding="utf-8")
    assert re.match(r'"""\n.+\n=+\n', text), "no title"
    assert "plt.show()" in text
    assert "skmo.datasets" in text or "sklearn.datasets" in text or "rng" in text
