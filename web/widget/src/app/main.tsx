import { render } from "preact";
import { type Init, letterOf, type ToLoader, type ToPanel } from "../shared/protocol";
import { Panel } from "./Panel";
import { Store } from "./store";

// The page that shows us is the one that first answers; nobody else is heard.
let page: { window: MessageEventSource; origin: string } | undefined;
let store: Store | undefined;

function tell(letter: ToLoader): void {
  parent.postMessage({ relevo: letter }, page?.origin === "null" || !page ? "*" : page.origin);
}

addEventListener("message", event => {
  const letter = letterOf<ToPanel>(event.data);
  if (!letter || event.source !== parent || (page && event.origin !== page.origin)) return;
  if (!store && letter.type === "init") {
    // Which pages may show us was decided for the inbox of our address: no page brings another.
    if (letter.inbox !== new URLSearchParams(location.search).get("inbox")) return;
    page = { window: event.source as MessageEventSource, origin: event.origin };
    begin(letter);
  } else store?.hearPage(letter);
});

function begin(init: Init): void {
  store = new Store(init, tell);
  render(<Panel store={store} color={init.color} />, document.getElementById("app") as HTMLElement);
}

if (parent !== window) tell({ type: "hello" }); // no secret: anybody may hear it
