"""Formulas are written when the pages are built: no script, and fonts of the site's own."""

import re
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
STYLE = Path(__file__).resolve().parents[2] / "course/site/static/katex/katex.min.css"
PAGE = r"""# Formulas

Near 3, $\frac{f(x + h) - f(x)}{h}$ is near to $6$:

$$\frac{\partial L}{\partial x_i} = \sum_j \frac{\partial L}{\partial y_j}\,\frac{\partial y_j}{\partial x_i}
\qquad \sqrt{\frac{1}{n}\sum_{k=1}^{n} w_k^2}$$
"""


def test_the_style_sheet_is_of_the_katex_that_draws():
    """Another version's would clip fractions, and only a look would show it."""
    drawer = pytest.importorskip("sphinxcontrib.katex", reason="the `site` extra is not installed")
    inside = re.search(
        r'version:"([\d.]+)"', Path(drawer.__file__).with_name("katex.min.js").read_text(encoding="utf-8")
    )
    assert f'"{inside[1]}"' in STYLE.read_text()
    fonts = re.findall(r"url\(([^)]*)\)", STYLE.read_text())
    assert fonts and all((STYLE.parent / font).is_file() for font in fonts)


def test_formulas_are_drawn_without_scripts(browser, tmp_path):
    pytest.importorskip("sphinxcontrib.katex", reason="the `site` extra is not installed")
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    from course.site.build import render

    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "index.md").write_text(PAGE)
    render(tmp_path / "source", tmp_path / "made")
    text = (tmp_path / "made" / "index.html").read_text()
    assert text.count('class="katex-html"') == 3 and "https:" not in text
    page = browser.new_page(java_script_enabled=False)
    page.goto((tmp_path / "made" / "index.html").as_uri())
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px KaTeX_Math'))")
    fraction, line = page.locator(".katex-html .mfrac").first, page.locator("p").first
    assert 20 < fraction.bounding_box()["height"] < line.bounding_box()["height"] + 20
    page.screenshot(path=tmp_path / "math.png")
    page.close()
