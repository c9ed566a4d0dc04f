"""Writes what was recorded when, as a feed: ``python src/studies/feed.py FOLDER``.

Its addresses begin with that of the site, so that there is none where SITE_URL is not set.
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence"


def feed(site_url: str, evidence: Path) -> Element:
    """Return the feed of the records in a folder: an entry for each run of a study."""
    site = f"{site_url.rstrip('/')}/"
    root = Element("feed", xmlns="http://www.w3.org/2005/Atom")
    _add(root, f"{site}feed/evidence.xml", "What was recorded", f"{site}changes.html")
    SubElement(SubElement(root, "author"), "name").text = "Gated contributors"
    entries = []
    for file in evidence.glob("*.json"):
        record = json.loads(file.read_text("utf-8"))
        trials = Counter(trial["run"] for trial in record.get("trials", []))
        entries += [(run.split()[0], file.name, run, record, trials[run]) for run in trials]
    for when, name, run, record, count in sorted(entries, key=lambda entry: entry[:2])[::-1]:
        entry = SubElement(root, "entry")
        title = f"{record['study']}: {count:,} trial{'s' * (count > 1)}"
        _add(entry, f"{site}feed/{name}/{run.replace(' ', '-')}", title, f"{site}evidence/{name}")
        SubElement(entry, "updated").text = when
        SubElement(entry, "summary").text = record["question"]
    root.insert(1, updated := Element("updated"))
    updated.text = max((entry[0] for entry in entries), default="1970-01-01T00:00:00Z")
    return root


def _add(parent: Element, name: str, title: str, address: str) -> None:
    SubElement(parent, "id").text = name
    SubElement(parent, "title").text = title
    SubElement(parent, "link", href=address)


if __name__ == "__main__":
    if site_url := os.environ.get("SITE_URL"):
        made = feed(site_url, EVIDENCE)
        indent(made)
        target = Path(sys.argv[1]) / "evidence.xml"
        ElementTree(made).write(target, encoding="utf-8", xml_declaration=True)
