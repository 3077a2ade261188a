import { Refused } from "./api";
import { pause } from "./live";
import type { Store } from "./store";
import { CATCH_UP, caughtUp, extended, PAGE, refreshed, reopened, type Thread } from "./thread";
import { type Conversation, INCOMING } from "./types";

/** Reads conversations and what was said in them, at once and after gaps. */
export class Reader {
  private readonly pulling = new Map<number, "once" | "again">();
  private readonly recalling = new Map<number, "once" | "again">();
  private syncing: "once" | "again" | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;

  constructor(private readonly store: Store) {}

  /** Everything that may have changed while nobody listened. */
  async sync(): Promise<void> {
    if (this.syncing) {
      this.syncing = "again";
      return;
    }
    const { store } = this;
    clearTimeout(this.timer);
    this.timer = undefined;
    do {
      this.syncing = "once";
      try {
        await this.listAgain();
        const id = store.state.current;
        const first = store.thread().list[0];
        if (id && first) await this.refresh(id, first.id - 1, store.thread().cursor + 1);
        if (id) await this.pull(id);
        if (!this.timer) this.failures = 0;
      } catch (error) {
        this.later(error);
      }
    } while ((this.syncing as string) === "again");
    this.syncing = undefined;
  }

  /**
   * Reads everything again after a while. What a socket told of is asked for by
   * another connection, and one may break without the other.
   */
  private later(error?: unknown): undefined {
    const asked = error instanceof Refused ? error.wait * 1000 : 0;
    this.timer ??= setTimeout(() => void this.sync(), Math.max(asked, pause(this.failures++)));
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

  /**
   * Reads who has a conversation, once at a time: of two answers the older may
   * come last.
   */
  async recall(id: number): Promise<void> {
    if (this.recalling.has(id)) return void this.recalling.set(id, "again");
    do {
      this.recalling.set(id, "once");
      const fresh = await this.store.api.conversation(id).catch(error => this.later(error));
      if (fresh) this.note(fresh);
    } while (this.recalling.get(id) === "again");
    this.recalling.delete(id);
  }

  note(fresh: Conversation): void {
    const others = this.store.state.conversations.filter(c => c.id !== fresh.id);
    this.store.set({ conversations: [fresh, ...others].sort((a, b) => b.id - a.id) });
  }

  async reload(): Promise<void> {
    const id = this.store.state.current;
    if (!id) return;
    const page = await this.store.api.messages(id, "");
    this.setThread(id, reopened(this.store.thread(id), page));
    this.store.unread.count();
    this.store.unread.see();
  }

  async show(id: number): Promise<void> {
    this.store.choose(id);
    if (!this.store.state.threads[id]) await this.reload().catch(error => this.later(error));
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
      const read = id === state.current ? this.reload() : this.listAgain();
      return read.catch(error => this.later(error));
    }
    if (this.pulling.has(id)) return void this.pulling.set(id, "again");
    this.pulling.set(id, "once");
    try {
      for (;;) {
        this.pulling.set(id, "once");
        const more = await this.catchUp(id);
        if (!more && this.pulling.get(id) === "once") break;
      }
    } catch (error) {
      this.later(error);
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
    } catch (error) {
      this.later(error);
    }
  }

  setThread(id: number, thread: Thread): void {
    const { queue } = this.store.sender;
    const arrived = new Set(thread.list.map(m => m.echo_id).filter(Boolean));
    this.store.set({ threads: { ...this.store.state.threads, [id]: thread } });
    for (const item of queue.items) if (arrived.has(item.echo) && item.failed) queue.drop(item.echo);
  }
}
