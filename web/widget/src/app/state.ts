import type { Init } from "../shared/protocol";
import type { Outgoing } from "./queue";
import { type Language, languageFor, type Texts } from "./texts";
import type { Thread } from "./thread";
import type { Campaign, Conversation, Inbox, Visitor } from "./types";

/** Everything that the panel shows comes from here. */
export interface State {
  phase: "loading" | "ready" | "missing";
  inbox?: Inbox;
  texts: Texts;
  language: Language;
  visitor?: Visitor;
  conversations: Conversation[]; // the newest first
  current?: number; // the one that is shown; none: a new one
  view: "chat" | "list";
  threads: Record<number, Thread>;
  outbox: Outgoing[];
  draft: string;
  campaign?: Campaign; // that the visitor follows; the first word answers it
  open: boolean;
  online: boolean; // the server is within reach
  typist?: string; // who is writing; "" for somebody without a name
  silent: boolean;
  unread: number;
  heard: string; // for screen readers: the newest words
  notice: string; // a line at the top: what was done
  problem: string; // another: what could not be done
}

/** What is known before the server was asked. */
export function beginning({ locale, open, kept }: Init): State {
  return {
    ...languageFor(locale),
    phase: "loading",
    conversations: [],
    view: "chat",
    threads: {},
    outbox: [],
    draft: typeof kept.draft === "string" ? kept.draft : "",
    open,
    online: navigator.onLine,
    silent: kept.silent === true,
    unread: 0,
    heard: "",
    notice: "",
    problem: "",
    ...(Number(kept.conversation) > 0 && { current: Number(kept.conversation) }),
  };
}
