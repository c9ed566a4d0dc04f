"""Jinja's compiled templates, shared by nbconvert's exporters, and by builds while serving."""

from __future__ import annotations

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from nbconvert.exporters import TemplateExporter


class _Compiled(BytecodeCache):
    """Compiled templates in memory; Jinja checks each against its source."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = _Compiled()


def compile_once() -> None:
    """Have nbconvert compile each template once, not twice for every notebook.

    It offers no setting for this, and mkdocs-jupyter makes two new exporters a page: without
    this, compiling the same templates is a third of a clean build.
    """
    create = TemplateExporter._create_environment

    def create_with_cache(exporter: TemplateExporter) -> Environment:
        environment: Environment = create(exporter)  # type: ignore[no-untyped-call]
        environment.bytecode_cache = COMPILED
        return environment

    TemplateExporter._create_environment = create_with_cache  # type: ignore[method-assign]
