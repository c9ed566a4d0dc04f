// The worker of the theme's search, in place of its own: the theme takes any that answers these
// messages.
import { Search, type Section } from "./search.ts"

const READY = 1
const RESULT = 3

/** What the theme sends: the index, once the search is opened, and then each query. */
type Message =
  | { type: 0; data: { docs: Section[] } }
  | { type: 2; data: string }

let search: Search

addEventListener("message", ({ data: message }: MessageEvent<Message>) => {
  if (message.type === 0) {
    search = new Search(message.data.docs)
    postMessage({ type: READY })
  } else {
    postMessage({ type: RESULT, data: search.search(message.data) })
  }
})
