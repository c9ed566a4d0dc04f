// The theme adds elements in the browser: copy buttons as so many landmarks without a name, and
// frames of wide tables that scroll but cannot be reached by keyboard. Wide code can, unless the
// font that makes it wide arrives after the theme has looked.
function mend() {
  sift();
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) {
    nav.setAttribute("role", "none");
  }
  for (const frame of document.querySelectorAll(".md-typeset__scrollwrap:not([tabindex])")) {
    frame.setAttribute("tabindex", "0");
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", "Table");
  }
  document.fonts.ready.then(() => {
    for (const code of document.querySelectorAll("pre > code:not([tabindex])")) {
      if (code.scrollWidth > code.clientWidth) code.setAttribute("tabindex", "0");
    }
  });
}

// On the page of claims, the legend of the verdicts becomes buttons that sift the table.
function sift() {
  const rows = [...document.querySelectorAll("td:last-child > .verdict")];
  if (!rows.length) return;
  for (const word of document.querySelectorAll(".verdicts li > .verdict")) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    const item = word.parentElement;
    button.append(...item.childNodes);
    item.append(button);
    button.addEventListener("click", () => {
      const pressed = button.getAttribute("aria-pressed") === "true";
      button.setAttribute("aria-pressed", String(!pressed));
      const chosen = document.querySelectorAll('.verdicts [aria-pressed="true"] .verdict');
      const wanted = new Set([...chosen].map(({ textContent }) => textContent));
      for (const row of rows) {
        row.closest("tr").hidden = wanted.size > 0 && !wanted.has(row.textContent);
      }
    });
  }
}

new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
mend();

// To the theme's search a word before a colon names a part of the page, and finds nothing.
document.addEventListener("input", ({ target }) => {
  if (!target.matches(".md-search__input")) return;
  const words = target.value.replace(/(?<!^|\s)(?<!\b(?:title|text|tags)):(?=\s|$)/g, " ");
  if (words !== target.value) target.value = words;
}, true);
