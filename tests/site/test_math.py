"""Formulas are written when the pages are built: no script, no style sheet, no font of another host."""

import shutil

import pytest

pytestmark = pytest.mark.browser
PAGE = r"""# Formulas

Near 3, $\frac{f(x + h) - f(x)}{h}$ is near to $6$:

$$\frac{\partial L}{\partial x_i} = \sum_j \frac{\partial L}{\partial y_j}\,\frac{\partial y_j}{\partial x_i}
\qquad \sqrt{\frac{1}{n}\sum_{k=1}^{n} w_k^2}$$
"""


def test_formulas_are_drawn_by_the_browser_itself(browser, tmp_path):
    pytest.importorskip("sphinxcontrib.katex", reason="the `site` extra is not installed")
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    from course.site.build import render

    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "index.md").write_text(PAGE)
    render(tmp_path / "source", tmp_path / "made")
    text = (tmp_path / "made" / "index.html").read_text()
    assert text.count("<math") == 3 and "https:" not in text
    page = browser.new_page()
    page.goto((tmp_path / "made" / "index.html").as_uri())
    whole, digit = page.locator("mfrac").first.bounding_box(), page.locator("mn").first.bounding_box()
    assert whole["height"] > 1.5 * digit["height"], "a fraction is drawn as one"
    page.screenshot(path=tmp_path / "math.png")
    page.close()
