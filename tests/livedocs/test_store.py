"""What is kept comes back as it was put, or not at all."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from livedocs.store import Store

NAMES = st.text("abc.", min_size=1, max_size=3).filter(lambda name: name.strip("."))


@settings(max_examples=50)
@given(st.dictionaries(NAMES, st.binary(), max_size=4))
def test_each_thing_comes_back(things: dict[str, bytes]) -> None:
    with TemporaryDirectory() as folder:
        for name, content in things.items():
            Store(Path(folder)).put(name, content)
        store = Store(Path(folder))
        assert {name: store.get(name) for name in things} == things
        assert store.get("other") is None


@settings(max_examples=200)
@given(st.binary(), st.data())
def test_what_is_damaged_is_as_good_as_none(content: bytes, data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        store, file = Store(Path(folder)), Path(folder) / "thing"
        store.put("thing", content)
        good = file.read_bytes()
        start = data.draw(st.integers(0, len(good)))
        end = data.draw(st.integers(start, len(good)))
        file.write_bytes(good[:start] + data.draw(st.binary(max_size=9)) + good[end:])
        assert store.get("thing") == (content if file.read_bytes() == good else None)


def test_what_is_empty_may_be_damaged_too(tmp_path: Path) -> None:
    store, file = Store(tmp_path), tmp_path / "thing"
    store.put("thing", b"")
    file.write_bytes(file.read_bytes()[:-1])
    assert store.get("thing") is None


def test_one_thing_does_not_pass_for_another(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put("one", b"1")
    (tmp_path / "one").rename(tmp_path / "two")
    assert store.get("two") is None


def test_a_folder_in_the_place_of_a_thing_is_none(tmp_path: Path) -> None:
    (tmp_path / "thing").mkdir()
    assert Store(tmp_path).get("thing") is None
