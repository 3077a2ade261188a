import type { Init } from "../shared/protocol";
import { chime } from "./chime";
import type { Store } from "./store";
import { unreadSince } from "./thread";
import { INCOMING, type Message } from "./types";

/** What the visitor has read, in this tab and in others. */
export class Unread {
  private readonly tabs: BroadcastChannel | undefined;
  private seenTo = 0; // the id of the last message that was told to be read

  constructor(
    private readonly store: Store,
    init: Init,
  ) {
    try {
      this.tabs = new BroadcastChannel(`relevo:${init.inbox}:${init.kept.token}`);
      this.tabs.onmessage = event => typeof event.data === "number" && this.readElsewhere(event.data);
    } catch {} // without it each tab counts for itself
    document.addEventListener("visibilitychange", () => this.see());
  }

  /** Others' words came: they are read out, chimed and counted. */
  arrived(id: number, fresh: Message[]): void {
    const { store } = this;
    const last = fresh.at(-1) as Message;
    store.set({ heard: `${last.sender?.name ?? store.state.inbox?.name ?? ""}: ${last.content}` });
    for (const m of fresh)
      store.tell({ type: "message", message: { id: m.id, content: m.content, message_type: m.message_type } });
    if (last.sender?.type === "user") void store.reader.recall(id); // by answering they have read
    if (!store.state.silent && !this.watching()) chime();
    this.count();
    this.see();
  }

  private watching(): boolean {
    const { open, view } = this.store.state;
    return open && document.visibilityState === "visible" && view === "chat";
  }

  count(): void {
    const { store } = this;
    const since = store.conversation()?.contact_last_seen_at ?? 0;
    const thread = store.thread();
    const unread = this.watching()
      ? 0
      : unreadSince({ ...thread, list: thread.list.filter(m => m.id > this.seenTo) }, since);
    if (unread !== store.state.unread) store.set({ unread });
    store.tell({ type: "unread", count: unread });
  }

  /** Tells that what stands there was read, if somebody is looking. */
  see(): void {
    const { store } = this;
    const id = store.state.current;
    const last = store.thread().list.findLast(m => m.message_type !== INCOMING);
    if (!id || !last || !this.watching()) return;
    if (last.id > this.seenTo && last.created_at >= (store.conversation()?.contact_last_seen_at ?? 0)) {
      void store.api.seen(id).catch(() => undefined);
      this.tabs?.postMessage(last.id);
    }
    this.seenTo = Math.max(this.seenTo, last.id);
    this.count();
  }

  private readElsewhere(upTo: number): void {
    this.seenTo = Math.max(this.seenTo, upTo);
    this.count();
  }
}
