"""All Python of the pages runs: sessions are doctests, the rest is run here."""

from __future__ import annotations

import pytest

from .code_blocks import DOCS, PAGES, fenced_blocks, pages, python_blocks


def test_every_block_is_run():
    """Of another library's lines too; none hides behind another directive."""
    assert {page for page in pages() if python_blocks(page)} == set(PAGES)
    for page in pages():
        text = (DOCS / page).read_text(encoding="utf-8")
        assert text.count(".. code-block:: python") == len(python_blocks(page)), page
        assert "sourcecode::" not in text, page
        assert ".. code::" not in text, page


@pytest.mark.filterwarnings(
    # What matters here is that the lines run: these come from the libraries.
    "ignore::DeprecationWarning",
    "ignore::FutureWarning",
    "ignore::PendingDeprecationWarning",
)
@pytest.mark.parametrize("page", PAGES)
def test_blocks_of_a_page_run(page, tmp_path, monkeypatch):
    for module in PAGES[page].needs:
        pytest.importorskip(module, reason=f"{page} shows {module}")
    monkeypatch.chdir(tmp_path)
    namespace: dict = {"monkeypatch": monkeypatch}
    exec(PAGES[page].setup, namespace)
    for block in python_blocks(page):
        exec(compile(block, page, "exec"), namespace)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(fenced_blocks("README.md", "python"))))
def test_blocks_of_the_readme_run(number, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(fenced_blocks("README.md", "python")[number], {})
