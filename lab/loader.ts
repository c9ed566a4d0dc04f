// All that a page loads of the lab before a reader comes to a widget: it watches for them, and then
// loads the base and the widget's own script. Where that fails, the figure stays. At first it stays
// as well, so that a page is there at once: until the reader moves anything.

/** The names of the widgets, from those of their files. */
declare const TAGS: readonly string[]
declare const lab: typeof import("./base.ts")

const here = (document.currentScript as HTMLScriptElement).src
const scripts: Record<string, Promise<void>> = {}

/** Loads a script of the lab, once: no page from the file system may fetch a file or a module. */
function load(name: string): Promise<void> {
  return (scripts[name] ??= new Promise((done, failed) => {
    const element = document.createElement("script")
    element.src = new URL(`${name}.js`, here).href
    element.onload = () => done()
    element.onerror = failed
    document.head.append(element)
  }))
}

const SIGNS = ["pointermove", "pointerdown", "keydown", "wheel", "scroll", "touchstart"]
const begun = new Promise((begin) => {
  for (const sign of SIGNS) addEventListener(sign, begin, { once: true, passive: true })
})

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) void (target as Shell).wake()
  }
})

class Shell extends HTMLElement {
  #stop: (() => void) | undefined

  connectedCallback(): void {
    this.style.display = "block"
    void begun.then(() => this.isConnected && seen.observe(this))
    if (led() === this) this.show()
  }

  disconnectedCallback(): void {
    seen.unobserve(this)
    this.#stop?.()
    this.#stop = undefined
  }

  show(): void {
    this.style.scrollMarginTop = "3.4rem" // below what stays at the top of a page
    this.scrollIntoView()
    void this.wake()
  }

  async wake(): Promise<void> {
    seen.unobserve(this)
    try {
      await load("base")
      await load(this.localName)
    } catch {
      return
    }
    // Meanwhile the reader may have gone to another page, and come back.
    if (this.isConnected) this.#stop ??= lab.start(this, load)
  }
}

/** The widget to which a link leads: the one whose state it holds first. */
function led(): Shell | undefined {
  const [, tag = "", number = 1] = /^#([a-z-]+?)(?:-(\d+))?\./.exec(location.hash) ?? []
  return TAGS.includes(tag) ? document.querySelectorAll<Shell>(tag)[Number(number) - 1] : undefined
}

addEventListener("hashchange", () => led()?.show())
// A link to where the page already is leads there, too.
addEventListener("click", ({ target }) => {
  const link = (target as Element).closest?.("a")
  if (link?.href === location.href && led()) dispatchEvent(new HashChangeEvent("hashchange"))
})

for (const tag of TAGS) customElements.define(tag, class extends Shell {})
