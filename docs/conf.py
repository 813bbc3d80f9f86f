"""Sphinx configuration.

Builds without a network: ``sphinx-build -W --keep-going docs docs/_build/html``.
"""

from __future__ import annotations

import re
from pathlib import Path

import skmo

project = "skmo"
author = "The skmo developers"
project_copyright = "2026, The skmo developers"
release = version = skmo.__version__

extensions = [
    "matplotlib.sphinxext.plot_directive",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    # MathJax from a wheel: formulas are drawn without a network, too.
    "sphinx-mathjax-offline",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "auto_examples/**.ipynb", "**/GALLERY_HEADER.rst"]
# A name in single backquotes is a link if it is a public name, else a typo.
default_role = "py:obj"

autosummary_generate = True
autodoc_default_options = {"members": True, "inherited-members": True}
autodoc_typehints = "none"
numpydoc_show_class_members = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"plot_",
    "doc_module": ("skmo",),
    "backreferences_dir": "generated/backreferences",
    "matplotlib_animations": False,
    "show_memory": False,
    "show_signature": False,
    "abort_on_example_error": True,
    # Timings differ from build to build and say nothing about skmo.
    "write_computation_times": False,
    "min_reported_time": 1e9,
}

# Of the balancers' pages.
plot_formats = ["svg"]
plot_html_show_formats = False
plot_html_show_source_link = False
plot_working_directory = str(Path(__file__).parent)

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["skmo.css"]
html_title = "skmo"
html_show_sourcelink = False
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "header_links_before_dropdown": 5,
}
# Pages without pages below them need no navigation at their side.
html_sidebars = {
    page: []
    for page in (
        "api",
        "changelog",
        "coming_from",
        "contributing",
        "faq",
        "install",
        "quick_start",
        "references",
    )
}


def _link_to_scikit_learn(app, what, name, obj, options, lines):
    """Point what scikit-learn's inherited docstrings refer to at its own site.

    They use labels and glossary terms of scikit-learn's documentation, which a
    build without a network does not know.
    """
    site = "https://scikit-learn.org/stable"
    for i, line in enumerate(lines):
        line = re.sub(
            r":ref:`([^<`]+?)\s*<metadata_routing>`",
            rf"`\1 <{site}/metadata_routing.html>`__",
            line,
        )
        lines[i] = re.sub(r":term:`([^<`]+?)(?:\s*<[^`]+>)?`", r"\1", line)


def _tell_the_language(app, pagename, templatename, context, doctree):
    """Browsers choose glyphs and readers voices by it."""
    if pagename.startswith("zh/"):
        context["language"] = "zh-CN"


def setup(app):
    app.connect("autodoc-process-docstring", _link_to_scikit_learn)
    app.connect("html-page-context", _tell_the_language)
