"""A figure on a page takes the scheme's colors and mixes with no other; alone it is opaque."""

import re
from contextlib import suppress
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedocs.figures import inline, opaque

INKS = {"#000000": "--fig-ink", "#FFFFFF": "--fig-paper", "#0072B2": "--fig-gru"}
SVG = """\
<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
     width="72pt" height="36pt" viewBox="-1 -2 72 36">
 <metadata>made at home</metadata>
 <defs>
  <style>* {stroke-linejoin: round}</style>
  <path id="mark" d="M 0 0 L 1 1" style="stroke: #0072b2"/>
  <clipPath id="clip"><rect width="9" height="9"/></clipPath>
  <marker id="head"><path d="M 0 0"/></marker>
 </defs>
 <g id="unused" clip-path="url(#clip)">
  <use xlink:href="#mark" fill="#fff"/>
  <path d="M 0 0" stroke="#000" style="marker-end: url(#head)"/>
  <text>two <tspan>words</tspan> here</text>
  <text style="font-size: 9px; font-family: 'DejaVu Sans', 'Verdana', sans-serif">none chosen</text>
  <text style="font-family: monospace">chosen</text>
  <path d="M 1 1"/>
 </g>
</svg>
"""


def drawn(prefix: str = "gru-step-py-one-0", svg: str = SVG) -> str:
    return inline(svg, prefix=prefix, alt='A "line" & a <dot>', inks=INKS)


def test_every_id_is_the_figures_own_and_is_referred_to() -> None:
    page = drawn("a-0") + drawn("b-0")
    ids = re.findall(r'\bid="([^"]+)"', page)
    references = re.findall(r'href="#([^"]+)"', page) + re.findall(r"url\(#([^)]+)\)", page)
    assert ids == [f"{f}-0-{name}" for f in "ab" for name in ("mark", "clip", "head")]
    assert sorted(references) == sorted(ids)
    assert "unused" not in page


def test_colors_become_variables_with_the_color_as_fallback() -> None:
    figure = drawn()
    for variable, color in [("gru", "0072b2"), ("paper", "ffffff"), ("ink", "000000")]:
        assert f"var(--fig-{variable}, #{color})" in figure
    outside = re.sub(r"var\(--fig-\w+, #[0-9a-f]{6}\)", "", figure)
    assert re.findall(r"#[0-9a-fA-F]{3,6}\b", outside) == []
    root = ElementTree.fromstring(figure)
    painted = [
        key for element in root.iter() for key in element.attrib if key in ("fill", "stroke")
    ]
    assert painted == [], "an attribute cannot hold a variable"


def test_what_names_no_color_is_ink() -> None:
    root = ElementTree.fromstring(drawn())
    assert "fill: var(--fig-ink, #000000)" in (root.get("style") or "")


def test_its_typeface_is_the_pages_where_nobody_chose_one() -> None:
    *_, none, own = ElementTree.fromstring(drawn()).iter("{http://www.w3.org/2000/svg}text")
    assert (none.text, none.get("style")) == ("none chosen", "font-size: 9px")
    assert (own.text, own.get("style")) == ("chosen", "font-family: monospace")


def test_it_is_an_image_with_its_description() -> None:
    root = ElementTree.fromstring(drawn())
    assert (root.get("role"), root.get("aria-label")) == ("img", 'A "line" & a <dot>')
    assert (root.get("width"), root.get("height")) == ("96", "48")


LINKED = SVG.replace("<text>", '<a href="gru.md#gates"><text>').replace(
    "here</text>", "here</text></a>"
)


def test_with_links_it_is_a_group_of_them_with_its_description() -> None:
    root = ElementTree.fromstring(drawn(svg=LINKED))
    assert (root.get("role"), root.get("aria-label")) == ("group", 'A "line" & a <dot>')
    (link,) = root.iter("{http://www.w3.org/2000/svg}a")
    assert link.get("{http://www.w3.org/1999/xlink}href") == "gru.md#gates"
    assert link.get("href") is None, "the theme could not assign it anew"
    assert link.get("aria-label") == "two words here"
    hidden = {part.tag.partition("}")[2]: part.get("aria-hidden") for part in root}
    assert hidden == {"defs": "true", "g": None}, "what holds a link is heard"


def test_alone_it_leads_nowhere() -> None:
    root = ElementTree.fromstring(opaque(LINKED, alt="A line"))
    assert root.get("role") == "img"
    assert "gru.md" not in ElementTree.tostring(root, encoding="unicode")
    assert "".join(root.itertext()).split()[:2] == ["two", "words"]


def test_metadata_and_rules_for_the_whole_page_are_left_out() -> None:
    figure = drawn()
    assert "made at home" not in figure
    assert "<style" not in figure
    assert "<?xml" not in figure
    assert "two <tspan>words</tspan> here" in figure, "spaces around words stay"


@pytest.mark.parametrize(
    "svg",
    [
        SVG.replace("#0072b2", "#123456"),
        SVG.replace("#fff", "#abc"),
        SVG.replace('stroke="#000"', 'stroke="red"'),
        SVG.replace("stroke: #0072b2", "stroke: rgb(1, 2, 3)"),
        SVG.replace("stroke: #0072b2", "fill: #0072b2; stroke: Orange"),
    ],
)
def test_another_color_is_refused(svg: str) -> None:
    assert svg != SVG
    with pytest.raises(ValueError, match=r"the figure uses .*; colors must be among #000000, #FFF"):
        drawn(svg=svg)


@pytest.mark.parametrize("word", ["none", "currentColor", "inherit", "transparent", "url(#clip)"])
def test_paint_that_is_no_color_is_kept(word: str) -> None:
    assert f"stroke: {word.replace('#clip', '#gru-step-py-one-0-clip')}" in drawn(
        svg=SVG.replace('stroke="#000"', f'stroke="{word}"')
    )


def test_alone_it_lies_on_white_paper_that_covers_it() -> None:
    root = ElementTree.fromstring(opaque(SVG, alt="A line"))
    paper = root[0]
    assert paper.tag.endswith("}rect")
    assert paper.attrib == {
        "width": "100%",
        "height": "100%",
        "fill": "#ffffff",
        "x": "-1",
        "y": "-2",
    }
    assert root.get("aria-label") == "A line"
    assert "#0072b2" in ElementTree.tostring(root, encoding="unicode"), "its colors stay"


_PARTS = st.sampled_from(
    [
        *("<svg", ' xmlns="http://www.w3.org/2000/svg"', ' viewBox="0"', ' width="1in"', ">", "<g"),
        *("/>", ' style="fill"', ' style="; fill:; x:y:z"', ' fill="#000"', "</g>", "</svg>", "&"),
    ]
)


@given(st.lists(_PARTS, max_size=9).map("".join) | st.text())
def test_any_drawing_is_inlined_or_refused(svg: str) -> None:
    with suppress(ValueError):
        ElementTree.fromstring(drawn(svg=svg))
    with suppress(ValueError):
        ElementTree.fromstring(opaque(svg, alt="x"))


def test_what_is_no_svg_is_said_to_be_none() -> None:
    with pytest.raises(ValueError, match="the figure is not SVG: "):
        drawn(svg="<svg><g></svg>")
    with pytest.raises(ValueError, match="the figure uses ; colors must be among"):
        drawn(svg=SVG.replace("marker-end: url(#head)", "fill"))
