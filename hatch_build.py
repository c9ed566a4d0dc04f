"""The addresses of this project in its wheel, from the variables that mkdocs.yml reads too."""

import os
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Addresses(MetadataHookInterface):
    """Adds the addresses that the environment names; the project itself knows none."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the project's URLs."""
        site, repository = os.environ.get("SITE_URL"), os.environ.get("REPOSITORY_URL")
        metadata["urls"] = {"Homepage": site, "Documentation": site} if site else {}
        if repository:
            issues = f"{repository.rstrip('/')}/issues"
            metadata["urls"] |= {"Repository": repository, "Issues": issues}
