// Reloads the page once a build has made it otherwise, and says how many snippets have run.
var livereload = function (epoch, request, digest) {
  const start = location.pathname
  const report = document.createElement("div")
  report.setAttribute("role", "status")
  report.style =
    "position:fixed;bottom:0;right:0;z-index:9;padding:.2em .8em;background:#333;color:#fff;font:14px sans-serif"

  const wait = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds))

  async function isOther() {
    if (location.pathname !== start) return true // the theme has put another page in this one's place
    const page = await (await fetch(location.pathname, { cache: "no-store" })).text()
    const made = page.match(/^livereload\(\d+, \d+, "(\w+)"\)$/m)
    return made === null || made[1] !== digest
  }

  async function poll() {
    for (;;) {
      try {
        const newest = Number(await (await fetch(`/livereload/${epoch}/${request}`)).text())
        if (newest > epoch && (await isOther())) return location.reload()
        epoch = Math.max(epoch, newest)
      } catch {
        await wait(3) // the server is gone, or starts again
      }
    }
  }

  async function tell() {
    for (;;) {
      try {
        const [done, count, pages] = await (await fetch("/livedocs-progress")).json()
        report.textContent = count
          ? `Running the snippets: ${done} of ${count}`
          : `Making the pages: ${pages} left`
        count || pages ? document.body.append(report) : report.remove()
      } catch {
        report.remove()
      }
      await wait(1)
    }
  }

  addEventListener("load", poll)
  addEventListener("load", tell)
}
