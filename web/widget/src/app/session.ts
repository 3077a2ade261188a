import { type Init, type Kept, type Person, withMore } from "../shared/protocol";
import { Refused } from "./api";
import { aboutThem, refusedOf, without } from "./person";
import type { Outgoing } from "./queue";
import type { Store } from "./store";

/** Who the visitor is, and what the server knows of them. */
export class Session {
  known: boolean; // the server knows the token
  private person: Person = {}; // all that the page says of them
  private untold: Person = {}; // what the server has not heard of it
  private meeting: Promise<void> | undefined;
  private telling: Promise<void> | undefined;
  private opened: boolean; // the server was told, or is being told, that the widget was opened

  constructor(
    private readonly store: Store,
    private readonly init: Init,
  ) {
    this.opened = init.kept.opened === true;
    this.person = withMore({}, init.person);
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
    void this.identify(this.person);
    store.sender.queue.restore(outgoing(init.kept.outbox));
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

  /** Becomes a visitor whom the server knows, one only, however many ask for it. */
  meet(): Promise<void> {
    this.meeting ??= this.introduce().finally(() => {
      this.meeting = undefined;
    });
    return this.meeting;
  }

  private async introduce(): Promise<void> {
    if (this.known) return;
    this.untold = {};
    const visitor = await this.believed(this.person, p => this.store.api.createVisitor(p));
    this.known = true;
    this.store.tell({ type: "keep", kept: { known: true } });
    this.store.set({ visitor });
    this.store.connection.start();
  }

  /** Notes what the page says; of who has not spoken yet the server hears with the first word, unless they are signed in. */
  async identify(more: Person): Promise<void> {
    this.person = withMore(this.person, more);
    this.untold = withMore(this.untold, more);
    if (!this.known && !this.meeting && !this.person.identifier) return;
    try {
      await this.meet();
      this.telling ??= this.tellMore().finally(() => {
        this.telling = undefined;
      });
      await this.telling;
    } catch (error) {
      if (error instanceof Refused && error.code === "another_person") return this.store.tell({ type: "another" });
      this.store.tell({ type: "failed", code: error instanceof Refused ? error.code : "unknown" });
    }
  }

  private async tellMore(): Promise<void> {
    const { api } = this.store;
    while (Object.keys(this.untold).length > 0) {
      const more = this.untold;
      this.untold = {};
      try {
        await this.believed(more, p => api.updateVisitor(p));
        this.store.set({ visitor: await api.visitor() });
      } catch (error) {
        this.untold = withMore(more, this.untold);
        throw error;
      }
    }
  }

  /**
   * Tells the server about the visitor. What it does not believe, the page is
   * told and nobody else: its mistake must not keep the visitor's words back.
   */
  private async believed<T>(person: Person, tell: (fields: Person) => Promise<T>): Promise<T> {
    for (let said = aboutThem(person); ; ) {
      try {
        return await tell(said);
      } catch (error) {
        const wrong = error instanceof Refused ? refusedOf(said, error) : [];
        if (!(error instanceof Refused) || wrong.length === 0) throw error;
        this.store.tell({ type: "failed", code: error.code });
        said = without(said, wrong);
        this.person = without(this.person, wrong);
      }
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
    store.say(sent.message);
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
