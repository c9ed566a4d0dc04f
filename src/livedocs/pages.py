"""Notebook pages as mkdocs-jupyter makes them, less what does not belong into this site."""

from __future__ import annotations

import re

_ELEMENT = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)
_COPY = re.compile(r'<div class="zeroclipboard-container">.*?</clipboard-copy>\s*</div>', re.DOTALL)
_CODE = re.compile(
    r'<div class="highlight-ipynb[^"]*"><pre>(?:<span></span>)?(.*?)</pre></div>', re.DOTALL
)
_PROMPT = re.compile(r'<div class="jp-InputPrompt[^>]*>.*?</div>', re.DOTALL)


def plain_notebook(content: str) -> str:
    """Return the notebook ``content`` with its text, code, outputs and figures only.

    Gone are 575 KB of inlined styles and all scripts, among them one that would load mermaid
    from another host. Code is marked up as on every other page, so that the theme's colors and
    copy button serve it.
    """
    content = _ELEMENT.sub("", content)
    content = _COPY.sub("", content)
    content = _PROMPT.sub("", content)
    return _CODE.sub(r'<div class="highlight"><pre><code>\1</code></pre></div>', content)
