"""Runs a site's snippets and puts what they print, draw and compute into its chapters.

The engine is a pure function from Markdown and records to a folder of plain Markdown with its
files. Only :mod:`livedocs.mkdocs` knows MkDocs.
"""
