// All that a page loads of the lab before a reader comes to a widget: it watches for them, and then
// loads the base and the widget's own script. Where that fails, the figure stays.

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

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) void (target as Shell).wake()
  }
})

class Shell extends HTMLElement {
  #stop: (() => void) | undefined

  connectedCallback(): void {
    this.style.display = "block"
    seen.observe(this)
    // A link that holds this one's state leads to it.
    if (new RegExp(`[#&]${this.localName}[-.]`).test(location.hash)) {
      this.scrollIntoView({ block: "center" })
    }
  }

  disconnectedCallback(): void {
    seen.unobserve(this)
    this.#stop?.()
    this.#stop = undefined
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

for (const tag of TAGS) customElements.define(tag, class extends Shell {})
