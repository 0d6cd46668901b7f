"""What is in the built pages, and what is not: no solution, no other host, no dead link."""

import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from course.build.lesson import CANARY

pytestmark = pytest.mark.browser  # not for a browser's sake, but it takes the whole build
LESSON = "day_001/06_autograd.html"
# in a tag: what a browser fetches by itself, and what a reader follows
FETCHED = [("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("use", "href")]
FOLLOWED = [("a", "href")]
SOLUTIONS = ["### BEGIN SOLUTION", "### END SOLUTION", "### BEGIN HIDDEN", CANARY]


class Links(HTMLParser):
    """The ids of a page and where it leads."""

    def __init__(self, page: Path):
        super().__init__()
        self.ids, self.links, self.fetched = set(), [], []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids.add(attrs.get("id"))
        self.links += [attrs[name] for kind, name in FETCHED + FOLLOWED if kind == tag and attrs.get(name)]
        self.fetched += [attrs[name] for kind, name in FETCHED if kind == tag and attrs.get(name)]


def dead_links(site: Path) -> list[str]:
    """Each link to a file or a place in a page that is not there."""
    pages = {page: Links(page) for page in site.rglob("*.html") if "_static" not in page.parts}
    dead = []
    for page, found in pages.items():
        for link in found.links:
            parts = urlsplit(link)
            if parts.scheme:  # elsewhere, or a picture inside the page
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            there = target.is_file() and (not parts.fragment or parts.fragment in pages[target].ids)
            if not there:
                dead.append(f"{page.relative_to(site)}: {link}")
    return dead


def texts(site: Path):
    """The name and bytes of each file, those in archives of ours too."""
    for file in site.rglob("*"):
        if file.is_file():
            yield str(file.relative_to(site)), file.read_bytes()
        if file.name == "kindling.zip":
            with zipfile.ZipFile(file) as archive:
                yield from ((f"kindling.zip/{name}", archive.read(name)) for name in archive.namelist())


def test_no_solution_anywhere(site):
    found = [(name, mark) for name, data in texts(site) for mark in SOLUTIONS if mark.encode() in data]
    assert found == []


def test_no_place_of_the_builders_machine(site):
    place = re.compile(rb"/(?:home|root|work|Users)/[\w.]+/|/tmp/")
    ours = (pair for pair in texts(site) if not pair[0].startswith("_static/pyodide/"))
    assert [(name, place.search(data)[0]) for name, data in ours if place.search(data)] == []


def test_every_link_leads_somewhere(site):
    assert dead_links(site) == []


def test_a_dead_link_is_found(tmp_path):
    (tmp_path / "a.html").write_text('<a href="b.html">b</a><a href="#x">x</a><img src="p.png"><a href="#y" id=y>y</a>')
    assert dead_links(tmp_path) == ["a.html: b.html", "a.html: #x", "a.html: p.png"]


def test_pages_fetch_from_no_other_host(site):
    pages = [page for page in site.rglob("*.html") if "_static" not in page.parts]
    assert len(pages) >= 3
    foreign = [(page.name, link) for page in pages for link in Links(page).fetched if "//" in link]
    styles = [
        file
        for file in site.rglob("*.css")
        if re.search(rb"""(?:url\(|@import)\s*["']?(?:https?:)?//""", file.read_bytes())
    ]
    assert (foreign, styles) == ([], [])


def test_the_lesson_is_there_with_its_results(site):
    page = (site / LESSON).read_text(encoding="utf-8")
    assert page.count('class="ktape"') >= 1
    assert "tensor(6.)" in page and "not yet" in page and "raise" in page
    assert "Traceback" not in page and "output stderr" not in page


def test_the_day_says_what_exists(site):
    page = (site / "day_001/index.html").read_text(encoding="utf-8")
    listed = re.search(r'<ol class="[^"]*lessons[^"]*">(.*?)</ol>', page, re.DOTALL)[1]
    lessons = re.findall(r"<li>.*?</li>", listed, re.DOTALL)
    assert [number for number, text in enumerate(lessons, 1) if "ready" in text] == [6]
    assert len(lessons) == 13 and all("href" not in text for text in lessons if "ready" not in text)
