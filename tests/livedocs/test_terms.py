"""Words of the glossary: where chapters say them first, they lead there and say what they mean."""

from pathlib import Path

import markdown
import pytest
from bs4 import BeautifulSoup
from markdown.extensions import Extension

from livedocs import checks
from livedocs.mkdocs.terms import Terms
from livedocs.settings import load
from livedocs.site import Site

GLOSSARY = """\
# Words

| Word | Meaning | More |
| --- | --- | --- |
| **gate**, $g$ | *Opens* by `how` much | [One](one.md#gates) |
| **forget gate** | What stays | [Two](more/two.md) |
| **encoder, Decoder (of Bahdanau)** | One reads, the other writes | [Two](more/two.md#both) |
| **C++** | A language | [One](one.md) |
"""


def site(folder: Path, glossary: str = GLOSSARY) -> Site:
    settings = 'glossary = "docs/more/words.md"\nunwoven = ["api/*.md"]\n'
    (folder / "pyproject.toml").write_text(f"[tool.livedocs]\n{settings}")
    (folder / "docs" / "more").mkdir(parents=True)
    (folder / "docs" / "more" / "words.md").write_text(glossary.replace("](", "](../"))
    (folder / "snippets").mkdir()
    made = Site(load(folder))
    made.prepare(lambda line: None)
    made.problems += checks.problems(made)
    return made


def page(made: Site, source: str, text: str) -> BeautifulSoup:
    terms = Terms(made)
    terms.page = source
    known: list[str | Extension] = [
        "abbr",
        "admonition",
        "footnotes",
        "pymdownx.arithmatex",
        "tables",
        "toc",
        terms,
    ]
    return BeautifulSoup(markdown.markdown(text, extensions=known), "html.parser")


def marked(made: Site, text: str, source: str = "x.md") -> list[str]:
    return [one.get_text() for one in page(made, source, text).select("a.term")]


@pytest.fixture
def made(tmp_path: Path) -> Site:
    return site(tmp_path)


def test_a_word_leads_to_its_row_and_says_what_it_means(made: Site) -> None:
    assert made.problems == []
    text = "Before Gates, *after* a gate, and **each gate of the forget gates** here."
    shown = page(made, "x.md", text)
    assert [str(one) for one in shown.select("a")] == [
        '<a class="term" href="more/words.md#gate" title="Opens by how much">Gates</a>',
        '<a class="term" href="more/words.md#forget-gate" title="What stays">forget gates</a>',
    ]
    assert shown.get_text() == text.replace("*", "")
    rows = page(made, "more/words.md", GLOSSARY)
    assert [row.get("id") for row in rows.select("tr")][1:] == [
        "gate",
        "forget-gate",
        "encoder",
        "c-",
    ]
    assert not rows.select("a.term")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("An encoder, a decoder.", ["encoder"]),
        ("Two decoders.", ["decoders"]),
        ("A gated floodgate, a gate-keeper, gates_2 and a navigate.", []),
        ("# A gate\n\nA [gate](y.md), `gate`, <b>gate</b>, $gate$.", ["gate"]),
        ("| a |\n| - |\n| gate |\n\n!!! note \"A gate\"\n\n    This gate.", ["gate"]),
        ("    gate\n\n> - gate", ["gate"]),
        ("Said.[^1]\n\n[^1]: A gate.", []),
        ("A *gate* is what opens, and a gate closes.", []),
    ],
)  # fmt: skip
def test_only_prose_is_marked(made: Site, text: str, found: list[str]) -> None:
    assert marked(made, text) == found


def test_what_explains_a_word_does_not_mark_it(made: Site) -> None:
    text = "## Other\n\nAn encoder.\n\n## Gates\n\nA gate.\n\n## Both\n\nA gate, and a forget gate."
    assert marked(made, text, "x.md") == ["encoder", "gate", "forget gate"]
    assert marked(made, text, "one.md") == ["encoder", "forget gate"]
    assert marked(made, text, "more/two.md") == ["encoder", "gate"]
    assert marked(made, f"A gate.\n\n{text}", "one.md") == ["gate", "encoder", "forget gate"]
    assert marked(made, text, "api/gated.md") == []  # another program's words


def test_the_keyboard_reaches_an_abbreviation_once(made: Site) -> None:
    text = "MGU, and MGU, and RNN.\n\n*[MGU]: minimal gated unit\n*[RNN]: recurrent network"
    shown = page(made, "x.md", text).select("abbr")
    assert [one.get("tabindex") for one in shown] == ["0", None, "0"]


def test_a_row_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    made = site(tmp_path, GLOSSARY.replace(" [One](one.md#gates)", " none yet"))
    assert [str(problem) for problem in made.problems] == [
        "docs/more/words.md:5: a row of the glossary is: "
        "| **word** | meaning | [page](page.md#section) |"
    ]
