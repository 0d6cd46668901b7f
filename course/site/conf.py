"""Sphinx's settings. Nothing in a page comes from another host."""

from docutils import nodes
from sphinxcontrib import katex

from course.site import pyodide

project = "PyTorch for Beginners"
copyright = "the Kindling authors: code BSD 3-Clause, prose and pictures CC BY 4.0"
language = "en"
extensions = ["myst_nb"]
exclude_patterns = ["**.html"]
myst_enable_extensions = ["attrs_block", "attrs_inline", "dollarmath"]
nb_execution_mode = "off"  # course.site.build has run the notebooks
nb_merge_streams = True
html_math_renderer = "prerendered"

html_theme = "pydata_sphinx_theme"
html_title = "Kindling"
html_static_path = ["static"]
html_favicon = "static/flame.svg"
html_css_files = ["katex/katex.min.css", "site.css"]
html_js_files = [("live.js", {"defer": "defer"})] if not pyodide.missing(pyodide.home()) else []
html_copy_source = False
html_use_index = False
html_domain_indices = False
html_context = {"default_mode": "auto"}
html_sidebars = {"**": []}
html_theme_options = {
    "logo": {"text": "Kindling", "alt_text": "", "image_light": "_static/flame.svg", "image_dark": "_static/flame.svg"},
    "navbar_persistent": [],
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "back_to_top_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def formula(display: bool):
    """A visitor that writes a formula as KaTeX draws it: no script in the page, and the fonts are the site's own."""

    def visit(translator, node) -> None:
        translator.body.append(katex.render_latex(node.astext(), {"displayMode": display}))
        raise nodes.SkipNode

    return visit


def drop_empty_heads(app, doctree) -> None:
    """Take the head from tables whose author had to leave it empty: Markdown knows no table without one."""
    for head in list(doctree.findall(nodes.thead)):
        if not head.astext().strip():
            head.parent.remove(head)


def setup(app) -> None:
    """Called by Sphinx."""
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60.0  # its 5 seconds are too few on a busy machine
    app.connect("doctree-read", drop_empty_heads)
    app.add_html_math_renderer("prerendered", (formula(False), None), (formula(True), None))
