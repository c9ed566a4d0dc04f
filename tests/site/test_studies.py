"""The studies on the built site: each is named on one page, with its records to download."""

import re
from pathlib import Path

import pytest

from studies.harness.catalog import MEASURED, NAMES, find
from studies.harness.store import Store
from studies.harness.study import trial_id

ROOT = Path(__file__).parents[2]
EVIDENCE = ROOT / "docs" / "evidence"


@pytest.mark.parametrize("name", NAMES)
def test_a_study_stands_on_the_page_of_studies_with_its_records(
    built_site: Path, name: str
) -> None:
    page = (built_site / "studies.html").read_text("utf-8")
    for file in (f"{name}.json", f"{name}.csv"):
        assert f'href="evidence/{file}"' in page
        assert (built_site / "evidence" / file).read_bytes() == (EVIDENCE / file).read_bytes()


@pytest.mark.parametrize("name", NAMES + MEASURED)
def test_the_command_that_runs_a_study_again_stands_in_a_chapter(
    built_site: Path, name: str
) -> None:
    chapters = [page.read_text("utf-8") for page in built_site.glob("*.html")]
    assert any(f"python -m studies run {name}" in page for page in chapters)


def test_a_trial_that_a_page_names_is_recorded() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    command = re.compile(r"python -m studies run (\w+) --trial (\w+)")
    named = [found for page in pages for found in command.findall(page.read_text("utf-8"))]
    assert named
    for name, trial in named:
        _, records = Store(find(name), ROOT).load()
        assert trial in {trial_id(record.config) for record in records}
