// The theme adds these elements in the browser: copy buttons as so many landmarks without a name,
// and frames of wide tables that scroll but cannot be reached by keyboard.
function mend() {
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) {
    nav.setAttribute("role", "none");
  }
  for (const frame of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) {
    frame.setAttribute("tabindex", "0");
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", "Table");
  }
}

new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
mend();
