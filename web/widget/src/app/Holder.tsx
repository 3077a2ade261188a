import { useEffect, useState } from "preact/hooks";
import { useStore, useTexts } from "./context";
import { isClosed, opening } from "./hours";
import { INCOMING } from "./types";

const AGAIN = 20_000; // ms after which who waits asks anew how many are before
const MOST = 99; // that are counted

/** Who has the conversation now: a name for the head, and a picture if there is one. */
export function useHolder(): { text: string; picture: string } {
  const store = useStore();
  const t = useTexts();
  const c = store.conversation();
  const said = store.thread().list.findLast(m => m.message_type !== INCOMING && m.sender?.type === "user")?.sender;
  const is = (text: string, picture = "") => ({ text, picture });
  if (!c) return is(store.state.inbox?.welcome_tagline || t("answers_soon"));
  if (c.status === "resolved") return is(t("ended"));
  if (c.holder === "bot") return is(t("with_bot"));
  if (c.holder === "waiting") return is(t("waiting"));
  const name = c.agent?.name ?? said?.name;
  if (c.holder === "agent" && name) return is(t("with_person", { name }), c.agent?.avatar_url || said?.avatar_url);
  return is(t(c.holder === "agent" ? "with_team" : "answers_soon"));
}

/** When people answer, while none does. */
export function Closed() {
  const { inbox, language } = useStore().state;
  const t = useTexts();
  if (!inbox || !isClosed(inbox)) return null;
  const [key, values] = opening(inbox, language);
  return <p class="closed">{t(key, values)}</p>;
}

/** What can be done about who has it: ask for a person, or wait no longer. */
export function Desk() {
  const store = useStore();
  const t = useTexts();
  const [busy, setBusy] = useState(false);
  const c = store.conversation();
  const waits = c?.holder === "waiting" && c.status === "open";

  useEffect(() => {
    if (!waits || !c) return;
    const ask = () => store.state.open && document.visibilityState === "visible" && void store.reader.recall(c.id);
    const timer = setInterval(ask, AGAIN * (0.8 + 0.4 * Math.random()));
    return () => clearInterval(timer);
  }, [store, c?.id, waits]);

  if (!c || !(waits || c.can_talk_to_person)) return null;
  const wish = async (what: "talkToPerson" | "cancelWaiting") => {
    setBusy(true);
    await store.sender.wish(c.id, what).catch(() => store.fail(t("not_taken")));
    setBusy(false);
  };
  if (!waits) {
    if (!store.thread().list.length) return null;
    return (
      <section class="desk">
        <button type="button" class="quiet" disabled={busy} onClick={() => void wish("talkToPerson")}>
          {t("talk_to_person")}
        </button>
      </section>
    );
  }
  const n = c.position ?? 0;
  return (
    <section class="desk" aria-label={t("waiting")}>
      <div role="status">
        <p>{n > MOST ? t("place_far", { count: MOST }) : n > 1 ? t("place", { n }) : t("place_next")}</p>
        <Closed />
      </div>
      {c.can_cancel_waiting && (
        <button type="button" class="quiet" disabled={busy} onClick={() => void wish("cancelWaiting")}>
          {t("cancel_waiting")}
        </button>
      )}
    </section>
  );
}
