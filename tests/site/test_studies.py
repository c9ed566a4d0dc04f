"""The studies on the built site: each is named on one page, with its records to download."""

from __future__ import annotations

from pathlib import Path

import pytest

from gated.studies.catalog import NAMES

EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence"


@pytest.mark.parametrize("name", NAMES)
def test_a_study_stands_on_the_page_of_studies_with_its_records(
    built_site: Path, name: str
) -> None:
    page = (built_site / "studies.html").read_text("utf-8")
    for file in (f"{name}.json", f"{name}.csv"):
        assert f'href="evidence/{file}"' in page
        assert (built_site / "evidence" / file).read_bytes() == (EVIDENCE / file).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_the_command_that_runs_a_study_again_stands_in_a_chapter(
    built_site: Path, name: str
) -> None:
    chapters = [page.read_text("utf-8") for page in built_site.glob("*.html")]
    assert any(f"python -m gated.studies run {name}" in page for page in chapters)
