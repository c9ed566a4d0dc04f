"""Raw SVG, as matplotlib and drawsvg write it, made ready for a page or a notebook."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_HREF = f"{{{_XLINK}}}href"
_LINK = f"{{{_SVG}}}a"
_SHORT = re.compile(r"#([0-9a-f])([0-9a-f])([0-9a-f])")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
#: Attributes that CSS variables cannot reach, so they become style.
_PAINT = ("fill", "stroke", "stop-color", "color")
#: How matplotlib names a typeface that nobody chose; on a page it is the page's.
_TYPEFACE = "'DejaVu Sans'"
#: Coordinates with more digits than an eye can tell: they are most of what a chart weighs.
_PLACES = ("d", "x", "y")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_UNPAINTED = ("none", "inherit", "currentColor", "transparent")

ElementTree.register_namespace("", _SVG)
ElementTree.register_namespace("xlink", _XLINK)


def inline(svg: str, *, prefix: str, alt: str, inks: Mapping[str, str]) -> str:
    """Return ``svg`` as an element of a page: its colors are CSS variables, its ids its own, and
    its typeface is the page's where it names none.

    ``prefix`` begins every id, so that figures on one page do not mix. ``inks`` maps each
    color that a figure may use to its variable. Raises ValueError for any other color: it
    could not be right in both the light and the dark scheme; or where ``svg`` is not SVG.
    """
    root = _parse(svg)
    known = {color.lower(): variable for color, variable in inks.items()}

    def ink(declaration: str) -> str:
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if key == "font-family" and value.startswith(_TYPEFACE):
            return ""
        if key not in _PAINT or value in _UNPAINTED or value.startswith("url("):
            return f"{key}: {value}"
        color = _long(value)
        if color not in known:
            raise ValueError(f"the figure uses {color}; colors must be among {', '.join(inks)}")
        return f"{key}: var({known[color]}, {color})"

    _own_ids(root, prefix)
    for element in root.iter():
        for key in _PLACES:
            if key in element.attrib:
                element.set(key, _LONG_NUMBER.sub(_rounded, element.attrib[key]))
        styles = [f"{key}: {element.attrib.pop(key)}" for key in _PAINT if key in element.attrib]
        styles += [element.attrib.pop("style")] if "style" in element.attrib else []
        if styles:
            declarations = "; ".join(styles).split(";")
            said = "; ".join(filter(None, (ink(d) for d in declarations if d.strip())))
            element.set("style", said)
    _describe(root, alt)
    # Whatever names no color is black in SVG, and must be ink here. A page may need the width.
    root.set("style", f"{ink('fill: #000000')}; --width: {root.get('width')}px")
    return ElementTree.tostring(root, encoding="unicode")


def opaque(svg: str, *, alt: str) -> str:
    """Return ``svg`` on white paper, as it stands alone in a notebook.

    Raises ValueError where it is not SVG.
    """
    root = _parse(svg)
    for link in root.iter(_LINK):  # it leads from a page to others, and none of them is here
        link.tag = f"{{{_SVG}}}g"
        link.attrib.pop(_HREF, None)
    _describe(root, alt)
    paper = ElementTree.Element(f"{{{_SVG}}}rect", width="100%", height="100%", fill="#ffffff")
    # A malformed box is ignored, and then what is seen begins at 0.
    for place, value in zip(("x", "y"), root.get("viewBox", "0 0").split()[:2], strict=False):
        paper.set(place, value)
    root.insert(0, paper)
    return ElementTree.tostring(root, encoding="unicode")


def _describe(root: ElementTree.Element, alt: str) -> None:
    """Make an image of a drawing; one that holds links is a group of them, with the same name."""
    links = list(root.iter(_LINK))
    root.set("role", "group" if links else "img")
    root.set("aria-label", alt)
    for link in links:
        link.set("aria-label", " ".join(filter(None, map(str.strip, link.itertext()))))
    for part in root if links else ():
        if next(part.iter(_LINK), None) is None:
            part.set("aria-hidden", "true")  # the name says it already


def _parse(svg: str) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError as error:
        raise ValueError(f"the figure is not SVG: {error}") from None
    for name in ("width", "height"):
        root.set(name, _pixels(root.get(name, "")))
    for parent in list(root.iter()):
        for child in list(parent):
            # Matplotlib's metadata names its home; its style sheet would apply to all the page.
            if child.tag.endswith(("}metadata", "}style")):
                parent.remove(child)
        # The theme's instant navigation assigns every plain href anew, which fails in SVG.
        if "href" in parent.attrib:
            parent.set(_HREF, parent.attrib.pop("href"))
        # Matplotlib indents its output; in and around words, spaces may be meant.
        if not parent.tag.endswith(("}text", "}tspan")):
            parent.text = parent.text if (parent.text or "").strip() else None
        if not parent.tag.endswith("}tspan"):
            parent.tail = parent.tail if (parent.tail or "").strip() else None
    root.set("stroke-linejoin", "round")
    return root


def _pixels(length: str) -> str:
    match = re.fullmatch(r"(\d*\.?\d+)(pt|px)?", length)
    if match is None:
        return "100%"
    return f"{float(match[1]) * (4 / 3 if match[2] == 'pt' else 1):.0f}"


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}"


def _long(color: str) -> str:
    """Return ``color`` in small letters, and with six digits where it has three."""
    return _SHORT.sub(r"#\1\1\2\2\3\3", color.lower()) if len(color) == 4 else color.lower()


def _own_ids(root: ElementTree.Element, prefix: str) -> None:
    """Begin with ``prefix`` each id that is referred to; the others are dead weight, and go."""
    used: set[str] = set()
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == _HREF and value.startswith("#") and element.tag != _LINK:
                used.add(value[1:])
                element.set(key, f"#{prefix}-{value[1:]}")
            elif "url(#" in value:
                used.update(_REFERENCE.findall(value))
                element.set(key, _REFERENCE.sub(rf"url(#{prefix}-\1)", value))
    for element in root.iter():
        if (name := element.attrib.pop("id", None)) in used:
            element.set("id", f"{prefix}-{name}")
