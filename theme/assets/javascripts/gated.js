// The theme adds elements in the browser: copy buttons as so many landmarks without a name, and
// frames of wide tables without one.
function mend() {
  sift();
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) {
    nav.setAttribute("role", "none");
  }
  for (const frame of document.querySelectorAll(".md-typeset__scrollwrap:not([role])")) {
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", "Table");
  }
  // The table of contents leads by keyboard to where these do.
  for (const link of document.querySelectorAll(".headerlink:not([tabindex])")) link.tabIndex = -1;
  // Short code in a sentence stays whole: a browser would break it after any hyphen.
  for (const code of document.querySelectorAll(":is(p, li, td, dd) > code:not([class])")) {
    code.classList.add(code.textContent.length > 30 ? "long" : "whole");
  }
  for (const pane of document.querySelectorAll(PANES)) {
    if (!known.has(pane)) known.add(pane) && sizes.observe(pane);
  }
}

// What may be wider than the page scrolls in a pane of its own. Then it must be reached by keyboard,
// and else it is no stop. A pane's content grows as the fonts arrive.
const PANES = `.md-typeset :is(
  pre, pre > code, .formula, .snippet-table, .md-typeset__scrollwrap, .jp-OutputArea-output
)`;
const known = new WeakSet();
const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => look(target)));

function look(pane) {
  if (pane.scrollWidth > pane.clientWidth + 1) pane.tabIndex = 0;
  else pane.removeAttribute("tabindex");
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

// Once a frame at most, and with it: to ask for a width makes the browser lay out the page.
let frame = 0;
new MutationObserver(() => {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(mend);
}).observe(document.body, { childList: true, subtree: true });
mend();
document.fonts.ready.then(() => document.querySelectorAll(PANES).forEach(look));

// Escape closes what the theme shows beside a word, wherever the pointer is.
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const shown of document.querySelectorAll(".md-tooltip2--active")) {
    shown.classList.remove("md-tooltip2--active");
  }
});

// A tap cannot hover: the first one shows what a word means, the next one follows its link.
document.addEventListener("pointerdown", ({ target }) => {
  const term = target.closest?.("a.term");
  const isNew = term && document.activeElement !== term;
  term?.addEventListener("click", (click) => {
    if (click.pointerType === "touch" && isNew) click.preventDefault();
    term.focus();
  }, { once: true, capture: true });
}, true);
