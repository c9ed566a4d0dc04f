// Answers each line of JSON {tex, display} with a line {html} or {error}.
const katex = require(process.argv[2]);

// Search reads a formula once, as it is seen: not its source, nor the part made for the ear.
function searchable(html) {
  return html
    .replace(/<annotation .*?<\/annotation>/s, "")
    .replace("<math ", '<math data-search-exclude="" ');
}

require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { tex, display } = JSON.parse(line);
  let answer;
  try {
    const html = katex.renderToString(tex, { displayMode: display, strict: "error" });
    answer = { html: searchable(html) };
  } catch (error) {
    answer = { error: error.message };
  }
  console.log(JSON.stringify(answer));
});
