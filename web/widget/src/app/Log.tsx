import { useLayoutEffect, useRef } from "preact/hooks";
import { Bubble, Pending } from "./Bubble";
import { useStore, useTexts } from "./context";
import { Closed } from "./Holder";
import { Icon } from "./icons";
import { Markdown } from "./markdown";
import { type Campaign, INCOMING, type Message } from "./types";

const NEAR = 120; // px from the end at which one still reads the end

/** The conversation. Screen readers hear of new words from a line of its own. */
export function Log() {
  const store = useStore();
  const t = useTexts();
  const { state } = store;
  const thread = store.thread();
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const height = useRef(0);
  const first = useRef(0);
  const waiting = state.outbox.filter(
    i => i.conversation === state.current && !thread.list.some(m => m.echo_id === i.echo),
  );

  useLayoutEffect(() => {
    const b = box.current;
    if (!b) return;
    const older = first.current && thread.list[0] && thread.list[0].id < first.current;
    if (older)
      b.scrollTop += b.scrollHeight - height.current; // what one reads stays where it is
    else if (atEnd.current || waiting.length) b.scrollTop = b.scrollHeight;
    height.current = b.scrollHeight;
    first.current = thread.list[0]?.id ?? 0;
  });

  useLayoutEffect(() => {
    const b = box.current;
    if (!b) return;
    const stay = new ResizeObserver(() => atEnd.current && b.scrollTo(0, b.scrollHeight)); // pictures load, keyboards open
    stay.observe(b);
    if (b.firstElementChild) stay.observe(b.firstElementChild);
    return () => stay.disconnect();
  }, []);

  const scrolled = () => {
    const b = box.current;
    if (b) atEnd.current = b.scrollHeight - b.scrollTop - b.clientHeight < NEAR;
  };

  const mine = thread.list.findLast(m => m.message_type === INCOMING);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <div class="log" ref={box} onScroll={scrolled} tabIndex={0} role="log" aria-live="off" aria-label={t("log")}>
      <div>
        {!thread.list.length && state.campaign && <Told c={state.campaign} />}
        {!thread.list.length && !waiting.length && !state.campaign && <Welcome />}
        {thread.more && (
          <button type="button" class="quiet" onClick={() => void store.reader.older()}>
            {t("older")}
          </button>
        )}
        {thread.list.map((m, i) => (
          <Entry key={m.id} m={m} before={thread.list[i - 1]} last={m === mine && !waiting.length} />
        ))}
        {waiting.map(i => (
          <Pending key={i.echo} item={i} />
        ))}
        {state.typist !== undefined && (
          <p class="typing">
            <i />
            <i />
            <i />
            <span>{state.typist ? t("typing", { name: state.typist }) : t("somebody_typing")}</span>
          </p>
        )}
      </div>
    </div>
  );
}

/** The words of a campaign, until the visitor's answer makes them a conversation's. */
function Told({ c }: { c: Campaign }) {
  const { inbox } = useStore().state;
  return (
    <article class="entry">
      <p class="name">{c.sender?.name || inbox?.name}</p>
      <div class="bubble">
        <Markdown text={c.message} />
      </div>
    </article>
  );
}

function Welcome() {
  const { inbox } = useStore().state;
  const t = useTexts();
  return (
    <div class="welcome">
      <span class="wave" aria-hidden="true">
        <Icon name="smile" />
      </span>
      <h2>{inbox?.welcome_title || t("welcome")}</h2>
      <p>{inbox?.welcome_tagline || t("answers_soon")}</p>
      <Closed />
    </div>
  );
}

function Entry({ m, before, last }: { m: Message; before: Message | undefined; last: boolean }) {
  const day = new Date(m.created_at * 1000).toDateString();
  const newDay = !before || new Date(before.created_at * 1000).toDateString() !== day;
  const other = !before || before.message_type === INCOMING || before.sender?.name !== m.sender?.name;
  return (
    <>
      {newDay && <Day at={m.created_at} />}
      <Bubble m={m} named={m.message_type !== INCOMING && (other || newDay)} last={last} />
    </>
  );
}

function Day({ at }: { at: number }) {
  const { language } = useStore().state;
  const t = useTexts();
  const date = new Date(at * 1000);
  const ago = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
  // Only a day further back needs the browser's names of months, which cost time to load.
  const name =
    ago === 0
      ? t("today")
      : ago === 1
        ? t("yesterday")
        : date.toLocaleDateString(language, { day: "numeric", month: "long", year: "numeric" });
  return <p class="day">{name}</p>;
}
