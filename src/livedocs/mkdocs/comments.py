"""Comments that begin with ``#:``, read as the docstrings of what stands below them.

Griffe, which finds the docstrings of the reference, passes them over. Taken are those above the
fields of a class and above the constants of a module, which are annotated as ``Final``.
"""

from itertools import takewhile
from typing import Any

from griffe import Attribute, Docstring, ExprSubscript, Extension

_MARK = "#:"


class Comments(Extension):
    """An extension for Griffe, named in ``mkdocs.yml``."""

    def on_attribute_instance(self, *, attr: Attribute, **others: Any) -> None:
        """Give an attribute the comment above it, unless it has a docstring.

        What only a dataclass's constructor takes is shown as of the type that it takes.
        """
        shown = attr.annotation
        if isinstance(shown, ExprSubscript) and shown.canonical_path == "dataclasses.InitVar":
            attr.annotation = shown.slice
        is_field = attr.parent is not None and attr.parent.is_class
        if attr.docstring is not None or not (is_field or str(attr.annotation).startswith("Final")):
            return
        assert attr.lineno is not None
        assert not isinstance(attr.filepath, list)
        above = reversed(attr.lines_collection[attr.filepath][: attr.lineno - 1])
        lines = list(takewhile(lambda line: line.startswith(_MARK), map(str.strip, above)))
        text = "\n".join(line.removeprefix(_MARK).strip() for line in reversed(lines))
        if text:
            attr.docstring = Docstring(text, lineno=attr.lineno - len(lines), parent=attr)
