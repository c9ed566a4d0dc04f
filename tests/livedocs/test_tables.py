"""Tables in printed text: what is read as one, and what is refused with its line."""

import re

import pytest

from livedocs import tables
from livedocs.tables import Table


def read(text: str, *names: str) -> Table:
    (table,) = tables.read(text, [name.split(" | ") for name in names])
    return table


def rows(table: Table) -> list[str]:
    return [row if isinstance(row, str) else " | ".join(row) for row in table.rows]


def head(table: Table) -> list[str]:
    return [" | ".join(text + ">" * (width - 1) for text, width in line) for line in table.head]


def test_columns_stand_one_below_the_other_and_values_are_known() -> None:
    table = read("cell    kept  after\nGRU      0.5      -\nplain  1e-05   True\n")
    assert head(table) == ["cell | kept | after"]
    assert rows(table) == ["GRU | 0.5 | -", "plain | 1e-05 | True"]
    assert table.of_values == (False, True, False)


def test_cells_may_be_empty() -> None:
    table = read("t  input     r\n1         0.98\n2  mark   0.02\n")
    assert rows(table) == ["1 |  | 0.98", "2 | mark | 0.02"]
    assert head(read("     GRU  LSTM\nh      1     2\n")) == [" | GRU | LSTM"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Numbers that touch are two; words are one, however they happen to stand.
        ("a    b    c\n100 0.10 0.20\n200 0.30 0.40", "100 | 0.10 | 0.20"),
        ("            n  won\nJSB Chorales  2 of 8\nA long name   8 of 8", "JSB Chorales | 2 of 8"),
        # A wide row leaves one blank where the others leave more.
        ("      read  seen\nGRU    100     1\nLSTM 1,000     2", "GRU | 100 | 1"),
    ],
)
def test_a_single_blank_parts_numbers_and_no_words(text: str, expected: str) -> None:
    assert rows(read(text))[0] == expected


def test_a_name_of_several_words_names_one_column() -> None:
    table = read("kept   slope of a step   left\n 0.0             0.900   0.12\n")
    assert head(table) == ["kept | slope of a step | left"]
    table = read(
        "                  after 5    10  20 steps\nGRU                   1.0   1.0       0.5"
    )
    assert head(table) == [" | after 5 | 10 | 20 steps"]


def test_a_name_spans_columns_that_have_none() -> None:
    table = read("task  GRU         LSTM\nadd   -9.3  -2.4  -9.2  1.0\n")
    assert head(table) == ["task | GRU> | LSTM>"]


def test_a_header_may_have_two_lines() -> None:
    text = (
        "       GRU          LSTM\nwidth  one   all    one   all\n   16  8.4   4.6    0.9   0.9\n"
    )
    table = read(text)
    assert head(table) == [" | GRU> | LSTM>", "width | one | all | one | all"]
    assert rows(table) == ["16 | 8.4 | 4.6 | 0.9 | 0.9"]


def test_text_above_is_the_caption_and_text_below_is_a_note() -> None:
    table = read("two cells,\nside by side\ncell    n\nGRU     1\nLSTM    2\nthe same: True\n")
    assert (table.caption, table.notes) == ("two cells,\nside by side", "the same: True")
    assert read("bits more\n 16 LSTM  0.1\n256 LSTM  0.2", "cell | bits").caption == "bits more"


def test_text_over_indented_rows_heads_a_group() -> None:
    text = "all\n\nshort: gru\n  add   1\n  copy  2\n\nlong: gru\n  add   3\n  copy  4\n"
    table = read(text, "task | updates")
    assert table.caption == "all"
    assert rows(table) == ["short: gru", "add | 1", "copy | 2", "long: gru", "add | 3", "copy | 4"]


def test_an_empty_line_parts_tables() -> None:
    text = "one\nGRU   1   2\n\nanother\nGRU   3\n"
    first, second = tables.read(text, [("cell", "a", "b"), ("cell", "a")])
    assert (first.caption, second.caption) == ("one", "another")
    with pytest.raises(ValueError, match='"columns" is a list of 3, but it prints 2 tables'):
        tables.read(text, [("a",), ("b",), ("c",)])


def test_given_names_decide_whether_a_single_blank_parts() -> None:
    text = "parity GRU    8 of 10\nlookup 2 RNN  2 of  5\n"
    assert rows(read(text, "task and cell | solved"))[0] == "parity GRU | 8 of 10"


@pytest.mark.parametrize(
    ("text", "names", "message"),
    [
        ("the same: True", (), 'line 1 of the output has no columns: "the same: True"'),
        ("a  b\nmore 1\nc  2", (), 'line 2 of the output is no row of its table: "more 1"'),
        ("bias   z  half\n   0 0.500  1.0", (), "line 2 of the output runs across columns"),
        ("a  b  MB\nx  1", (), 'nothing stands below "MB" in the output'),
        ("a  b", (), "line 1 of the output is a header without rows"),
        ("a  1\nb  2", ("x | y | z",), '"columns" names 3, but the output has a | 1'),
    ],
)
def test_what_is_no_table_is_refused_with_its_line(
    text: str, names: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        read(text, *names)
