import type { Init, Kept, Person } from "../shared/protocol";
import { Refused } from "./api";
import type { Outgoing } from "./queue";
import type { Store } from "./store";

/** Who the visitor is, and what the server knows of them. */
export class Session {
  known: boolean; // the server knows the token
  private person: Person;
  private opened: boolean; // the server was told, or is being told, that the widget was opened

  constructor(
    private readonly store: Store,
    private readonly init: Init,
  ) {
    this.opened = init.kept.opened === true;
    this.person = init.person ?? {};
    this.known = init.kept.known === true;
  }

  async load(init: Init): Promise<void> {
    const { store } = this;
    for (let n = 0; ; n++) {
      try {
        const inbox = await store.api.widget(this.known);
        store.speak(init.locale || inbox.locale);
        store.set({ inbox });
        store.followCampaign();
        if (this.known) await this.begin();
        store.connection.reach(true);
        break;
      } catch (error) {
        if (error instanceof Refused && !error.passing) return store.set({ phase: "missing" });
        store.connection.reach(false);
        await wait(Math.min(10_000, 500 * 2 ** n));
      }
    }
    store.set({ phase: "ready" });
    store.tell({ type: "ready" });
    if (store.state.open) this.tellOpened();
    store.sender.queue.restore(outgoing(init.kept.outbox));
    if (this.person.identifier || this.person.email) void this.identify(this.person);
  }

  /** Tells the server once that the visitor opened the widget. That it fails is nothing to the visitor. */
  tellOpened(): void {
    if (this.opened) return;
    this.opened = true;
    const { api, tell } = this.store;
    api.opened(this.init.page).then(
      () => tell({ type: "keep", kept: { opened: true } }),
      () => {},
    );
  }

  /** Reads what a visitor whom the server knows has said so far. */
  async begin(): Promise<void> {
    const { store } = this;
    try {
      const [visitor, conversations] = await Promise.all([store.api.visitor(), store.api.conversations()]);
      store.set({ visitor, conversations });
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 404) throw error;
      this.known = false; // removed: who writes again is new
      store.connection.stop();
      store.tell({ type: "keep", kept: { known: false } });
      store.set({ conversations: [], threads: {} });
      store.choose(undefined);
      return;
    }
    const { current, conversations } = store.state;
    store.choose(conversations.some(c => c.id === current) ? current : conversations[0]?.id);
    await store.reader.reload();
    store.connection.start();
  }

  /** Becomes a visitor whom the server knows. */
  async meet(): Promise<void> {
    if (this.known) return;
    const { custom_attributes, name, email, phone_number, identifier, identifier_hash } = this.person;
    const visitor = await this.store.api.createVisitor({
      name,
      email,
      phone_number,
      identifier,
      identifier_hash,
      custom_attributes,
    });
    this.known = true;
    this.store.tell({ type: "keep", kept: { known: true } });
    this.store.set({ visitor });
    this.store.connection.start();
  }

  async identify(person: Person): Promise<void> {
    const { store } = this;
    this.person = { ...this.person, ...person };
    try {
      if (person.identifier && !this.known) await this.meet();
      else if (this.known) await store.api.updateVisitor(person);
      if (this.known) store.set({ visitor: await store.api.visitor() });
    } catch (error) {
      store.tell({ type: "failed", code: error instanceof Refused ? error.code : "unknown" });
    }
  }

  /** Takes over what another tab keeps. */
  anotherTab(kept: Kept): void {
    if (kept.token !== this.store.api.token) location.reload(); // it signed out
    if (kept.known && !this.known) {
      this.known = true;
      void this.begin();
    }
  }

  /** Begins anew; what is known by now is not asked again. */
  async anew(): Promise<void> {
    const { store } = this;
    store.choose(undefined);
    const inbox =
      store.state.inbox?.pre_chat_form_enabled && (await store.api.widget(this.known).catch(() => undefined));
    if (inbox) store.set({ inbox });
  }

  /** The visitor's address, "" where none is known: the bot may have asked for it meanwhile. */
  async address(): Promise<string> {
    const { store } = this;
    const visitor = !store.state.visitor?.email && (await store.api.visitor().catch(() => undefined));
    if (visitor) store.set({ visitor });
    return store.state.visitor?.email ?? "";
  }

  /** Has the transcript sent, to an address where none is known. */
  async mailTranscript(email?: string): Promise<void> {
    const { store } = this;
    const { current } = store.state;
    if (!current) return;
    const sent = await store.api.mailTranscript(current, email);
    store.set({ notice: sent.message });
    if (email) store.set({ visitor: await store.api.visitor() });
  }
}

/** What a page kept of words to send, as far as it is whole: anybody may write into its storage. */
export function outgoing(kept: unknown): Outgoing[] {
  const whole = (i: Partial<Outgoing> | null) =>
    typeof i?.echo === "string" &&
    typeof i.content === "string" &&
    !i.files &&
    Number.isFinite(i.at) &&
    Number(i.conversation ?? 1) > 0;
  return Object.values(kept ?? {}).filter(whole);
}

const wait = (ms: number) => new Promise(done => setTimeout(done, ms));
