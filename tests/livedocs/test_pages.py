"""A notebook page as mkdocs-jupyter makes it loses its weight, and keeps all that it says."""

import gzip
import json
import re
import threading
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from mkdocs_jupyter import convert
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from livedocs.mkdocs.notebook_pages import Notebooks, plain_notebook
from livedocs.store import Store

CODE = 'name = "a <b> tabindex=\\"0\\" & </div>"\n\n\nprint(name)  # <!-- no comment -->'
PRINTED = 'a <b> tabindex="0" & </div> <!-- no comment -->\n'
OPTIONS = json.dumps(
    {
        "theme": "",
        "include_requirejs": False,
        "custom_mathjax_url": "",
        "show_input": True,
        "no_input": False,
        "no_prompt": True,
        "remove_tag_config": {},
    }
)
FIGURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" '
    'role="img" aria-label="A &quot;dot&quot;."><path d="M1,1 h1"/></svg>'
)


class Element(HTMLParser):
    """The text of the elements that ``path`` finds: tags from the outside in, by class or name."""

    def __init__(self, page: str, *path: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self._path = path
        self._open: list[tuple[str, str]] = []
        self._inside = False
        self.feed(page)
        assert not self._open, "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [given[key] or "" for key in ("href", "src") if key in given]
        self._open.append((tag, given.get("class") or ""))
        if not self._inside and self._found():
            self._inside = True
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag
        self._inside = self._found()

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[-1] += data

    def _found(self) -> bool:
        wanted = list(self._path)
        for tag, classes in self._open:
            if wanted and wanted[0] in (tag, *classes.split()):
                wanted.pop(0)
        return not wanted


def converted(cells: list[nbformat.NotebookNode], folder: Path) -> str:
    path = folder / "name.ipynb"
    path.write_text(nbformat.writes(new_notebook(cells=cells)), "utf-8")
    return str(convert.nb2html(str(path), theme="", allow_errors=False, no_prompt=True))


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> str:
    cells = [
        new_markdown_cell("# basics/name.py\n\nFrom a chapter.", id="title"),
        new_code_cell(
            CODE,
            id="1-a-cell",
            execution_count=1,
            outputs=[
                new_output("stream", name="stdout", text=PRINTED),
                new_output("display_data", data={"image/svg+xml": FIGURE}),
            ],
        ),
        new_code_cell(
            "1 / 0",
            id="2-fails",
            execution_count=2,
            outputs=[
                new_output("error", ename="E", evalue="no", traceback=["ZeroDivisionError: no"])
            ],
            metadata={"tags": ["raises-exception"]},
        ),
    ]
    return converted(cells, tmp_path_factory.mktemp("notebook"))


@pytest.fixture(scope="module")
def page(raw: str) -> str:
    return plain_notebook(raw)


def test_the_page_asks_for_nothing_and_weighs_little(raw: str, page: str) -> None:
    assert "mermaid" in raw, "what is taken away is there"
    assert len(gzip.compress(raw.encode())) > 90_000
    assert not re.search(r"<(script|style|link|clipboard-copy)\b", page)
    assert "mermaid" not in page
    links = Element(page, "html").links
    assert [link.partition(",")[0] for link in links] == ["data:image/svg+xml;base64"]
    assert len(gzip.compress(page.encode())) < 2_000


def test_code_is_what_the_cell_holds_once_and_marked_up_as_the_theme_does(page: str) -> None:
    found = Element(page, "highlight", "pre", "code").texts
    assert [text.rstrip("\n") for text in found] == [CODE, "1 / 0"]
    assert "".join(Element(page, "div").texts).count("print(name)") == 1
    assert '<span class="nb">print</span>' in page


def test_text_output_errors_and_figures_stay(page: str) -> None:
    assert Element(page, "h1").texts == ["basics/name.py"]
    outputs = Element(page, "jp-OutputArea-output", "pre").texts
    assert [text.strip("\n") for text in outputs] == [PRINTED.strip(), "ZeroDivisionError: no"]
    assert page.count("<img ") == page.count('<img alt="A &quot;dot&quot;." ') == 1


def test_nothing_is_a_tab_stop_before_a_browser_knows_what_scrolls(page: str) -> None:
    assert not re.findall(r"<[^>]*tabindex[^>]*>", page)


def test_ids_can_stand_in_a_selector(page: str) -> None:
    ids = re.findall(r'<[^>]* id="([^"]*)"', page)
    assert {"cell-title", "cell-1-a-cell", "cell-2-fails"} <= set(ids)
    assert all(re.fullmatch(r"[\w-]+", name) for name in ids)
    assert len(ids) == len(set(ids))


def test_what_is_tagged_so_is_folded_or_taken_out(tmp_path: Path) -> None:
    cells = [
        new_code_cell(
            f"print('{tags[0]} & <b>')",
            id=tags[-1],
            execution_count=1,
            outputs=[new_output("stream", name="stdout", text=f"{tags[0]}, printed\n")],
            metadata={"tags": tags},
        )
        for tags in (["fold-code", "hide-code"], ["fold-code"], ["fold-output"], ["check"])
    ]
    cells[0].outputs[0].text = "hidden, printed\n"
    page = plain_notebook(converted(cells, tmp_path))
    assert Element(page, "details", "summary").texts == ["Code", "Output"]
    assert Element(page, "details", "pre", "code").texts == ["print('fold-code & <b>')\n"]
    assert Element(page, "details", "jp-OutputArea-output").texts == ["\nfold-output, printed\n\n"]
    codes = [text.strip() for text in Element(page, "highlight", "code").texts]
    assert codes == [f"print('{tag} & <b>')" for tag in ("fold-code", "fold-output", "check")]
    assert len(Element(page, "jp-OutputArea-output").texts) == len(cells)


@pytest.mark.parametrize("count", [2, 17])
def test_pages_are_rendered_whichever_is_asked_for_first_and_then_kept(
    count: int, tmp_path: Path
) -> None:
    book = new_notebook(cells=[new_markdown_cell("# A title")])
    texts = {}
    for number in range(count):
        book.cells[0].source = f"# Number {number} of them"
        texts[f"{number}.ipynb"] = nbformat.writes(book)
    kept = Store(tmp_path / "kept")
    notebooks = Notebooks()
    keys = notebooks.begin(texts, OPTIONS, kept)
    pages = {name: notebooks.page(keys[name]) for name in reversed(texts)}
    notebooks.close()
    for number, name in enumerate(texts):
        assert f"Number {number} of them" in (pages[name] or "")
    again = Notebooks()
    assert again.begin(texts, OPTIONS, kept) == keys
    assert {name: again.page(key, wait=False) for name, key in keys.items()} == pages


def test_a_notebook_that_cannot_be_rendered_is_told_where_nobody_waits(tmp_path: Path) -> None:
    notebooks, kept, ended = Notebooks(), Store(tmp_path / "kept"), threading.Event()
    keys = notebooks.begin({"a": "", "b": ""}, OPTIONS, kept, done=ended.set)
    assert ended.wait(60.0)
    with pytest.raises(nbformat.reader.NotJSONError):
        notebooks.page(keys["a"], wait=False)
    notebooks.close()


@pytest.mark.parametrize("count", [1, 17])
def test_a_notebook_that_cannot_be_rendered_is_an_error(count: int, tmp_path: Path) -> None:
    names = [f"{number}.ipynb" for number in range(count)]
    notebooks, kept = Notebooks(), Store(tmp_path / "kept")
    with pytest.raises(nbformat.reader.NotJSONError):
        notebooks.page(notebooks.begin(dict.fromkeys(names, ""), OPTIONS, kept)[names[0]])
    notebooks.close()
