import type { Store } from "./store";
import { CATCH_UP, caughtUp, extended, opened, PAGE, refreshed, type Thread } from "./thread";
import { type Conversation, INCOMING } from "./types";

/** Reads conversations and what was said in them, at once and after gaps. */
export class Reader {
  private readonly pulling = new Map<number, "once" | "again">();

  constructor(private readonly store: Store) {}

  /** Everything that may have changed while nobody listened. */
  async sync(): Promise<void> {
    const { store } = this;
    try {
      await this.listAgain();
      const id = store.state.current;
      const first = store.thread().list[0];
      if (id && first) await this.refresh(id, first.id - 1, store.thread().cursor + 1);
      if (id) await this.pull(id);
    } catch {} // the next connection tries again
  }

  async listAgain(): Promise<void> {
    const { store } = this;
    const before = store.state;
    const list = await store.api.conversations();
    // What began while the answer was on its way is not in it.
    const since = store.state.conversations.filter(
      c => !before.conversations.includes(c) && !list.some(l => l.id === c.id),
    );
    const conversations = [...since, ...list].sort((a, b) => b.id - a.id);
    store.set({ conversations });
    const { current } = store.state;
    const gone = current && current === before.current && !conversations.some(c => c.id === current);
    if (gone || this.beganElsewhere()) store.choose(conversations[0]?.id);
    if (store.state.current && !store.state.threads[store.state.current]) await this.reload();
  }

  /** Another tab began a conversation, and nothing new is under way in this one. */
  private beganElsewhere(): boolean {
    const { current, conversations, view, draft, outbox } = this.store.state;
    return (
      !current && conversations.length > 0 && view === "chat" && !draft && outbox.length === 0 && !this.store.asked
    );
  }

  async recall(id: number): Promise<void> {
    const fresh = await this.store.api.conversation(id).catch(() => undefined);
    if (fresh) this.note(fresh);
  }

  note(fresh: Conversation): void {
    const others = this.store.state.conversations.filter(c => c.id !== fresh.id);
    this.store.set({ conversations: [fresh, ...others].sort((a, b) => b.id - a.id) });
  }

  async reload(): Promise<void> {
    const id = this.store.state.current;
    if (!id) return;
    const page = await this.store.api.messages(id, "");
    this.setThread(id, opened(page));
    this.store.unread.count();
    this.store.unread.see();
  }

  async show(id: number): Promise<void> {
    this.store.choose(id);
    if (!this.store.state.threads[id]) await this.reload().catch(() => undefined);
    else await this.pull(id);
    this.store.unread.see();
  }

  async older(): Promise<void> {
    const { store } = this;
    const id = store.state.current;
    const first = store.thread().list[0];
    if (!id || !first || !store.thread().more) return;
    const page = await store.api.messages(id, `?before=${first.id}`).catch(() => undefined);
    if (page) this.setThread(id, extended(store.thread(id), page));
  }

  /** Fetches what came after the last known message, once at a time. */
  async pull(id: number): Promise<void> {
    const { state } = this.store;
    if (!state.threads[id]) {
      if (id !== state.current) return void this.listAgain().catch(() => undefined);
      return this.reload().catch(() => undefined);
    }
    if (this.pulling.has(id)) return void this.pulling.set(id, "again");
    this.pulling.set(id, "once");
    try {
      for (;;) {
        this.pulling.set(id, "once");
        const more = await this.catchUp(id);
        if (!more && this.pulling.get(id) === "once") break;
      }
    } catch {
      // what is missing comes with the next word or connection
    } finally {
      this.pulling.delete(id);
    }
  }

  /** Fetches one page of what is new, and says whether there may be more. */
  private async catchUp(id: number): Promise<boolean> {
    const { store } = this;
    const { cursor } = store.thread(id);
    const page = await store.api.messages(id, cursor ? `?after=${cursor}` : ""); // without an id: the newest
    const known = new Set(store.thread(id).list.map(m => m.id));
    const thread = caughtUp(store.thread(id), page);
    this.setThread(id, cursor ? thread : { ...thread, more: page.length >= PAGE });
    const fresh = page.filter(m => !known.has(m.id) && m.message_type !== INCOMING);
    if (fresh.length > 0) store.unread.arrived(id, fresh);
    return page.length >= CATCH_UP;
  }

  /** Fetches anew what lies between two ids, both left out. */
  async refresh(id: number, after: number, before: number): Promise<void> {
    const { store } = this;
    if (!store.state.threads[id]) return;
    try {
      const page = await store.api.messages(id, `?after=${after}&before=${before}`);
      const had = store.thread(id).list.length;
      // Without an id to begin at the server answers with the newest alone.
      this.setThread(id, refreshed(store.thread(id), after || (page[0]?.id ?? before) - 1, before, page));
      if (store.thread(id).list.length < had) store.set({ heard: "" }); // deleted words are not kept for anybody
      store.unread.count();
    } catch {} // as in pull
  }

  setThread(id: number, thread: Thread): void {
    const { queue } = this.store.sender;
    const arrived = new Set(thread.list.map(m => m.echo_id).filter(Boolean));
    this.store.set({ threads: { ...this.store.state.threads, [id]: thread } });
    for (const item of queue.items) if (arrived.has(item.echo) && item.failed) queue.drop(item.echo);
  }
}
