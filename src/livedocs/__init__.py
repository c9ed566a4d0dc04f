"""Runs a site's snippets and puts what they print, draw and compute into its chapters.

The engine is a pure function from Markdown and records to Markdown and HTML fragments.
Only :mod:`livedocs.mkdocs_hooks` knows MkDocs.
"""
