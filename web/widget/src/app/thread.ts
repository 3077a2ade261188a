import { INCOMING, type Message } from "./types";

/**
 * The messages of a conversation that are known, in their order. Everything up
 * to `cursor` is there; a message of one's own may be known beyond it, before
 * those between have been fetched.
 */
export interface Thread {
  list: Message[];
  cursor: number;
  /** Whether older messages may be had. */
  more: boolean;
}

export const PAGE = 20; // of the newest messages
export const CATCH_UP = 100; // of newer messages at once

export const emptyThread: Thread = { list: [], cursor: 0, more: false };

const byId = (a: Message, b: Message) => a.id - b.id;

function merged(known: Message[], come: Message[]): Message[] {
  const all = new Map(known.map(m => [m.id, m]));
  for (const m of come) all.set(m.id, m);
  return [...all.values()].sort(byId);
}

/** The newest page, fetched anew. */
export const opened = (page: Message[]): Thread => {
  const list = merged([], page);
  return { list, cursor: list.at(-1)?.id ?? 0, more: page.length >= PAGE };
};

/**
 * The newest page, where something may be known by now: answers overtake each
 * other, and what is known already is never taken back by an older one.
 */
export function reopened(t: Thread, page: Message[]): Thread {
  const end = page.at(-1)?.id ?? 0;
  if (t.cursor >= end && t.list.length > 0) return t;
  const fresh = opened(page);
  return {
    ...fresh,
    list: merged(
      fresh.list,
      t.list.filter(m => m.id > end),
    ),
  };
}

/**
 * The newest page of a conversation that one's own word began, up to that word:
 * what follows it is news.
 */
export function begunBy(echo: string, page: Message[], t: Thread = emptyThread): Thread {
  const known = page.slice(0, page.findIndex(m => m.echo_id === echo) + 1);
  const thread = reopened(t, known);
  return thread === t ? t : { ...thread, more: page.length >= PAGE };
}

/** A page of what came after the cursor. */
export const caughtUp = (t: Thread, page: Message[]): Thread => ({
  ...t,
  list: merged(t.list, page),
  cursor: Math.max(t.cursor, ...page.map(m => m.id)),
});

/** An older page. */
export const extended = (t: Thread, page: Message[]): Thread => ({
  ...t,
  list: merged(page, t.list),
  more: page.length >= PAGE,
});

/** One's own message, as the server has stored it. */
export const stored = (t: Thread, m: Message): Thread => ({ ...t, list: merged(t.list, [m]) });

/**
 * What lies between two ids (both left out), fetched anew: what changed is
 * taken over, what is no longer there has been deleted.
 */
export function refreshed(t: Thread, after: number, before: number, page: Message[]): Thread {
  return {
    ...t,
    list: merged(
      t.list.filter(m => m.id <= after || m.id >= before),
      page,
    ),
  };
}

/** How many words of others came after `since` (unix seconds). */
export const unreadSince = (t: Thread, since: number) =>
  t.list.filter(m => m.message_type !== INCOMING && m.created_at > since).length;

/** Whether the choices of message m still wait for an answer. */
export function awaits(t: Thread, m: Message): boolean {
  return (
    !m.content_attributes?.submitted_values && !t.list.some(later => later.id > m.id && later.message_type === INCOMING)
  );
}
