import { Refused } from "./api";
import { Live } from "./live";
import type { Store } from "./store";
import type { Push } from "./types";

const OUTAGE = 300; // ms that the socket may be away before it is said
const AGAIN = 3000; // ms between two looks whether the server is back
const TYPING_SHOWN = 30_000;

/** Whether the server is within reach, and what it tells by the socket. */
export class Connection {
  private readonly live: Live;
  private connected = false;
  private outage: ReturnType<typeof setTimeout> | undefined;
  private typingEnds: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly store: Store) {
    this.live = new Live(`${location.protocol.replace("http", "ws")}//${location.host}/realtime`, {
      token: () => this.token(),
      push: p => this.hear(p),
      state: connected => this.socket(connected),
    });
    addEventListener("offline", () => store.set({ online: false }));
    addEventListener("online", () => {
      store.sender.queue.now();
      void this.probe();
    });
  }

  start = () => this.live.start();
  stop = () => this.live.stop();

  reach(online: boolean): void {
    const now = online && navigator.onLine !== false;
    if (now !== this.store.state.online) this.store.set({ online: now });
  }

  private async token(): Promise<string> {
    const { api, reader, session } = this.store;
    try {
      const { token } = await api.realtime();
      this.reach(true);
      if (!this.connected) void reader.sync(); // a network may let this through, but no sockets
      return token;
    } catch (error) {
      if (error instanceof Refused && error.status === 404) await session.begin().catch(() => undefined);
      if (error instanceof Refused) this.reach(error.reached);
      throw error;
    }
  }

  private socket(connected: boolean): void {
    const { reader, sender, session } = this.store;
    this.connected = connected;
    if (connected) {
      clearTimeout(this.outage);
      this.outage = undefined;
      this.reach(true);
      sender.queue.now();
      void reader.sync();
    } else if (session.known) this.outage ??= setTimeout(() => void this.probe(), OUTAGE);
  }

  /** The socket is away: is the server, too? */
  private async probe(): Promise<void> {
    clearTimeout(this.outage);
    this.outage = undefined;
    const { api, session } = this.store;
    try {
      await (session.known ? api.visitor() : api.widget(false));
      this.reach(true);
    } catch (error) {
      this.reach(error instanceof Refused && error.reached);
      // Who has said nothing yet has no socket that would come back.
      if (!session.known && !this.store.state.online) this.outage = setTimeout(() => void this.probe(), AGAIN);
    }
  }

  private hear({ event, data }: Push): void {
    const { reader, state } = this.store;
    const id = data.conversation_id;
    if (!id) return;
    switch (event) {
      case "conversation.created":
        void reader.listAgain();
        break;
      case "message.created":
        this.stopTyping();
        void reader.pull(id);
        break;
      case "message.updated":
        if (data.message_id) void reader.refresh(id, data.message_id - 1, data.message_id + 1);
        break;
      case "conversation.status_changed":
        void reader.recall(id);
        break;
      case "conversation.updated":
        void reader.sync();
        break;
      case "conversation.typing_on":
        if (id === state.current) this.showTyping(data.by);
        break;
      case "conversation.typing_off":
        if (id === state.current) this.stopTyping();
    }
  }

  private showTyping(by: { type: string; id: number } | undefined): void {
    const said = this.store
      .thread()
      .list.findLast(m => m.sender && m.sender.id === by?.id && m.sender.type === by.type);
    this.store.set({ typist: said?.sender?.name ?? "" });
    clearTimeout(this.typingEnds);
    this.typingEnds = setTimeout(() => this.stopTyping(), TYPING_SHOWN);
  }

  private stopTyping(): void {
    clearTimeout(this.typingEnds);
    if (this.store.state.typist !== undefined) {
      const { typist: _, ...rest } = this.store.state;
      this.store.state = rest;
      this.store.set({});
    }
  }
}
