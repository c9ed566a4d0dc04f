"""The recipes: all in the gallery, each with what it needs, and found by search and by tag."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from livedocs.chapter import parse
from livedocs.settings import load
from livedocs.snippets import read

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "docs" / "recipes").glob("*.md"))
GALLERY = (ROOT / "docs" / "recipes.md").read_text("utf-8")
CARD = re.compile(
    r"^- \*\*\[(.+?)\]\(recipes/(\w+)\.md\)\*\*$(.+?)(?=^- |^</div>)", re.MULTILINE | re.DOTALL
)
CARDS = {name: (title, body) for title, name, body in CARD.findall(GALLERY)}
SECTIONS = ["How it works", "Change this", "Watch out"]


@pytest.fixture(params=RECIPES, ids=lambda path: path.stem)
def recipe(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def snippet_of(recipe: Path) -> str:
    (block,) = (
        b for b in parse(recipe.name, recipe.read_text("utf-8")).blocks if b.kind == "snippet"
    )
    return block.target


def test_the_gallery_has_a_card_for_each_recipe() -> None:
    assert sorted(CARDS) == [path.stem for path in RECIPES]
    assert len(RECIPES) >= 15


def test_a_card_has_the_title_the_picture_and_what_the_block_needs(recipe: Path) -> None:
    title, body = CARDS[recipe.stem]
    assert f"\n# {title}\n" in recipe.read_text("utf-8")
    (figure,) = parse("card", f"- A card{body}").blocks
    assert (figure.kind, figure.target) == ("figure", snippet_of(recipe))
    needs = re.search(r"Needs\s+([\w,\s]+)\.", body)
    assert needs is not None
    assert set(re.split(r",\s*", needs[1])) == needed(recipe)


def needed(recipe: Path) -> set[str]:
    """Return the distributions that the block of the page imports, or asks to install."""
    (block,) = (
        b for b in parse(recipe.name, recipe.read_text("utf-8")).blocks if b.kind == "snippet"
    )
    snippet = read(load(ROOT), block.target)
    names = set(snippet.preamble.removeprefix("# pip install").split())
    for cell in snippet.cells:
        if cell.title not in block.cells:
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names


def test_a_recipe_says_how_it_works_what_to_change_and_what_goes_wrong(recipe: Path) -> None:
    text = recipe.read_text("utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert "(../troubleshooting.md)" in text.partition("## Watch out")[2]
    assert "**Behind it:** [" in text


def test_a_recipe_checks_itself(recipe: Path) -> None:
    cells = read(load(ROOT), snippet_of(recipe)).cells
    assert any(cell.check and "assert" in cell.source for cell in cells)


def test_search_knows_each_recipe_and_its_tags(linked_site: Path, recipe: Path) -> None:
    index = json.loads((linked_site / "search" / "search_index.json").read_text("utf-8"))
    entry = next(e for e in index["docs"] if e["location"] == f"recipes/{recipe.stem}.html")
    tags = yaml.safe_load(recipe.read_text("utf-8").split("---\n")[1])["tags"]
    assert sorted(entry["tags"]) == sorted(tags)
    page = (linked_site / "recipes.html").read_text("utf-8")
    listing = page.partition('id="by-tag"')[2].partition("</article>")[0]
    assert listing.count(f'href="recipes/{recipe.stem}.html"') == len(tags)
