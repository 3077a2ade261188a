import { useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";
import { DEFAULT_COLOR, inkOn, isColor, luminance } from "../shared/color";
import { Composer } from "./Composer";
import { Conversations } from "./Conversations";
import { StoreContext } from "./context";
import { Ended } from "./Ended";
import { Header } from "./Header";
import { Desk } from "./Holder";
import { Log } from "./Log";
import { PreChat } from "./PreChat";
import type { Store } from "./store";
import { fill } from "./texts";

/** The whole panel. */
export function Panel({ store, color }: { store: Store; color: string | undefined }) {
  const [, again] = useReducer((n: number) => n + 1, 0);
  useLayoutEffect(() => store.subscribe(() => again(undefined)), [store]);
  const { state } = store;
  const { inbox, texts, phase, open } = state;
  const root = useRef<HTMLElement>(null);

  const paint = isColor(color) ? color : isColor(inbox?.widget_color) ? inbox.widget_color : DEFAULT_COLOR;
  useLayoutEffect(() => {
    const style = document.documentElement.style;
    style.setProperty("--brand", paint);
    style.setProperty("--ink", inkOn(paint));
    // As text on white or black a colour must be dark or light enough.
    style.setProperty("--brand-text", luminance(paint) > 0.16 ? "#1f2937" : paint);
  }, [paint]);

  useEffect(() => {
    document.title = fill(texts.title, { name: inbox?.name ?? "" });
  }, [texts, inbox]);

  useEffect(() => {
    if (open && phase === "ready") focusFirst(root.current);
  }, [open, phase, state.view, state.current]);

  useEffect(() => {
    const leave = (e: KeyboardEvent) => e.key === "Escape" && !e.defaultPrevented && store.close();
    addEventListener("keydown", leave);
    return () => removeEventListener("keydown", leave);
  }, [store]);

  return (
    <StoreContext.Provider value={store}>
      <main class="panel" ref={root} aria-label={fill(texts.title, { name: inbox?.name ?? "" })}>
        <Header />
        {!state.online && (
          <p class="banner" role="status">
            {texts.offline}
          </p>
        )}
        {state.notice && (
          <p class="banner good" role="status">
            {state.notice}
          </p>
        )}
        {state.problem && (
          <p class="banner" role="alert">
            {state.problem}
          </p>
        )}
        <Body store={store} />
        <p class="hidden" role="status" aria-live="polite">
          {state.heard}
        </p>
      </main>
    </StoreContext.Provider>
  );
}

function Body({ store }: { store: Store }) {
  const { state } = store;
  if (state.phase !== "ready") {
    return (
      <div class="middle" aria-busy={state.phase === "loading"}>
        <p>{state.phase === "loading" ? state.texts.loading : state.texts.missing}</p>
      </div>
    );
  }
  if (state.view === "list") return <Conversations />;
  if (store.questions().length > 0) return <PreChat />;
  return (
    <>
      <Log key={state.current ?? 0} />
      {store.conversation()?.status === "resolved" && <Ended />}
      <Desk />
      <Composer />
    </>
  );
}

/** The field to write in, else the first thing that can be used. */
function focusFirst(root: HTMLElement | null): void {
  const wanted =
    root?.querySelector<HTMLElement>("[data-first]") ??
    root?.querySelector<HTMLElement>("textarea:not(:disabled), button:not(:disabled)");
  wanted?.focus({ preventScroll: true });
}
