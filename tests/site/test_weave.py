"""The site as plain Markdown: each page is published beside its HTML, and leads to files."""

import re
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).parents[2]
_LINK = re.compile(r"\]\(([^()\s]+)\)|href=\"([^\"]+)\"")
_FENCED = re.compile(r"^[ >]*(`{3,}).*?^[ >]*\1[ ]*$", re.MULTILINE | re.DOTALL)


def test_each_page_is_published_beside_its_html(woven: Path, built_site: Path) -> None:
    listed = (woven / "docs/llms.txt").read_text("utf-8")
    assert (built_site / "llms.txt").read_text("utf-8") == listed
    names = [name.rpartition("/docs/")[2] for name in re.findall(r"\]\(([^)]+)\)", listed)]
    assert len(names) > 40
    for name in names:
        text = (woven / "docs" / name).read_bytes()
        assert (built_site / name).read_bytes() == text, name
        page = (built_site / name).with_suffix(".html").read_text("utf-8")
        assert f'<a href="{Path(name).name}"' in page, name


def test_all_chapters_are_listed_in_the_order_of_the_navigation(woven: Path) -> None:
    nav = re.findall(r"^ +- .*?:? ?([\w/]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    listed = re.findall(r"^- \[.*\]\((.*)\)$", (woven / "docs/llms.txt").read_text(), re.MULTILINE)
    assert listed == [name for name in nav if not name.startswith("api/")]


def test_every_link_leads_to_a_file_of_the_folder(woven: Path) -> None:
    found = 0
    for page in (woven / "docs").rglob("*.md"):
        text = _FENCED.sub("", page.read_text("utf-8"))
        for link in (a or b for a, b in _LINK.findall(text)):
            path = unquote(link.partition("#")[0])
            if path and "://" not in path:
                found += 1
                assert (page.parent / path).is_file(), f"{page.name}: {link}"
    assert found > 700
