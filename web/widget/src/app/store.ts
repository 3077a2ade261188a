import type { Init, Kept, Person, Scheme, ToLoader, ToPanel } from "../shared/protocol";
import { Api, Refused } from "./api";
import { Live } from "./live";
import { newId } from "./newid";
import { type Outgoing, Queue } from "./queue";
import { type Language, languageFor, type Texts } from "./texts";
import {
  CATCH_UP,
  caughtUp,
  emptyThread,
  extended,
  opened,
  PAGE,
  refreshed,
  stored,
  type Thread,
  unreadSince,
} from "./thread";
import {
  type Campaign,
  type Conversation,
  INCOMING,
  type Inbox,
  type Message,
  type PreChatField,
  type Push,
  type Visitor,
} from "./types";

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
  notice: string; // a line at the top
}

const OUTAGE = 700; // ms that the socket may be away before it is said
const TYPING_SHOWN = 30_000;

/** What the panel knows and does. Components read the state and call methods. */
export class Store {
  state: State;
  readonly api: Api;
  private readonly live: Live;
  private readonly queue: Queue;
  private readonly tabs: BroadcastChannel | undefined;
  private readonly watchers = new Set<() => void>();
  private person: Person;
  private known: boolean; // the server knows the token
  private pulling = new Map<number, "once" | "again">();
  private outage: ReturnType<typeof setTimeout> | undefined;
  private typingEnds: ReturnType<typeof setTimeout> | undefined;
  private seenTo = 0; // the id of the last message that was told to be read
  private connected = false;

  constructor(
    init: Init,
    private readonly tell: (letter: ToLoader) => void,
  ) {
    const { language, texts } = languageFor(init.locale);
    this.api = new Api(init.inbox, init.kept.token);
    this.person = init.person ?? {};
    this.known = init.kept.known === true;
    const { conversation, draft, silent } = init.kept;
    this.state = {
      phase: "loading",
      texts,
      language,
      conversations: [],
      view: "chat",
      threads: {},
      outbox: [],
      draft: draft ?? "",
      open: init.open,
      online: navigator.onLine,
      silent: silent === true,
      unread: 0,
      heard: "",
      notice: "",
      ...(conversation && { current: conversation }),
    };
    this.queue = new Queue({
      send: item => this.deliver(item),
      changed: items => {
        this.set({ outbox: items });
        this.tell({ type: "keep", kept: { outbox: items.filter(i => !i.files?.length) } }); // files cannot be kept
      },
      reached: yes => this.reach(yes),
    });
    this.live = new Live(`${location.protocol.replace("http", "ws")}//${location.host}/realtime`, {
      token: async () => {
        try {
          const { token } = await this.api.realtime();
          this.reach(true);
          if (!this.connected) void this.sync(); // a network may let this through, but no sockets
          return token;
        } catch (error) {
          if (error instanceof Refused && error.status === 404) await this.begin().catch(() => undefined);
          throw error;
        }
      },
      push: p => this.hear(p),
      state: connected => this.socket(connected),
    });
    try {
      this.tabs = new BroadcastChannel(`relevo:${init.inbox}:${init.kept.token}`);
      this.tabs.onmessage = event => typeof event.data === "number" && this.readElsewhere(event.data);
    } catch {} // without it each tab counts for itself
    addEventListener("offline", () => this.set({ online: false }));
    addEventListener("online", () => this.queue.now());
    document.addEventListener("visibilitychange", () => this.see());
    void this.load(init);
  }

  subscribe(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    for (const w of this.watchers) w();
  }

  thread(id = this.state.current): Thread {
    return (id && this.state.threads[id]) || emptyThread;
  }

  conversation(id = this.state.current): Conversation | undefined {
    return this.state.conversations.find(c => c.id === id);
  }

  // What the page says.

  hearPage(letter: ToPanel): void {
    switch (letter.type) {
      case "open":
        this.set({ open: true });
        this.see();
        break;
      case "close":
        this.set({ open: false });
        break;
      case "kept":
        this.anotherTab(letter.kept);
        break;
      case "identify":
        void this.identify(letter.person);
        break;
      case "campaign":
        this.followed = letter.id;
        this.followCampaign();
        break;
      case "locale":
        this.speak(letter.locale);
        break;
      case "scheme":
        paintScheme(letter.scheme);
    }
  }

  private anotherTab(kept: Kept): void {
    if (kept.token !== this.api.token) location.reload(); // it signed out
    if (kept.known && !this.known) {
      this.known = true;
      void this.begin();
    }
  }

  private followed = 0; // the campaign that was clicked on the page

  private followCampaign(): void {
    const campaign = this.state.inbox?.campaigns?.find(c => c.id === this.followed);
    if (campaign && !this.state.current) this.set({ campaign });
  }

  private speak(locale: string): void {
    const spoken = languageFor(locale);
    this.api.language = spoken.language;
    document.documentElement.lang = spoken.language;
    this.set(spoken);
  }

  // Beginning.

  private async load(init: Init): Promise<void> {
    paintScheme(init.scheme);
    for (let n = 0; ; n++) {
      try {
        const inbox = await this.api.widget(this.known);
        this.speak(init.locale || inbox.locale);
        this.set({ inbox });
        this.followCampaign();
        if (this.known) await this.begin();
        this.reach(true);
        break;
      } catch (error) {
        if (error instanceof Refused && !error.passing) return this.set({ phase: "missing" });
        this.reach(false);
        await wait(Math.min(10_000, 500 * 2 ** n));
      }
    }
    this.set({ phase: "ready" });
    this.tell({ type: "ready" });
    this.queue.restore((init.kept.outbox ?? []) as Outgoing[]);
    if (this.person.identifier || this.person.email) void this.identify(this.person);
  }

  /** Reads what a visitor whom the server knows has said so far. */
  private async begin(): Promise<void> {
    try {
      const [visitor, conversations] = await Promise.all([this.api.visitor(), this.api.conversations()]);
      this.set({ visitor, conversations });
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 404) throw error;
      this.known = false; // removed: who writes again is new
      this.live.stop();
      this.tell({ type: "keep", kept: { known: false } });
      this.set({ conversations: [], threads: {} });
      this.choose(undefined);
      return;
    }
    const { current, conversations } = this.state;
    this.choose(conversations.some(c => c.id === current) ? current : conversations[0]?.id);
    await this.reload();
    this.live.start();
  }

  private async meet(): Promise<void> {
    if (this.known) return;
    const { custom_attributes, name, email, phone_number, identifier, identifier_hash } = this.person;
    const visitor = await this.api.createVisitor({
      name,
      email,
      phone_number,
      identifier,
      identifier_hash,
      custom_attributes,
    });
    this.known = true;
    this.tell({ type: "keep", kept: { known: true } });
    this.set({ visitor });
    this.live.start();
  }

  private async identify(person: Person): Promise<void> {
    this.person = { ...this.person, ...person };
    try {
      if (person.identifier && !this.known) await this.meet();
      else if (this.known) await this.api.updateVisitor(person);
      if (this.known) this.set({ visitor: await this.api.visitor() });
    } catch (error) {
      this.tell({ type: "failed", code: error instanceof Refused ? error.code : "unknown" });
    }
  }

  // Sockets.

  private socket(connected: boolean): void {
    this.connected = connected;
    clearTimeout(this.outage);
    if (connected) {
      this.reach(true);
      this.queue.now();
      void this.sync();
    } else if (this.known) this.outage = setTimeout(() => void this.probe(), OUTAGE);
  }

  /** The socket is away: is the server, too? */
  private async probe(): Promise<void> {
    try {
      await this.api.visitor();
      this.reach(true);
    } catch (error) {
      this.reach(error instanceof Refused && error.status > 0 && error.status < 500);
    }
  }

  private reach(online: boolean): void {
    const now = online && navigator.onLine !== false;
    if (now !== this.state.online) this.set({ online: now });
  }

  private hear({ event, data }: Push): void {
    const id = data.conversation_id;
    if (!id) return;
    switch (event) {
      case "conversation.created":
        void this.listAgain();
        break;
      case "message.created":
        this.stopTyping();
        void this.pull(id);
        break;
      case "message.updated":
        if (data.message_id) void this.refresh(id, data.message_id - 1, data.message_id + 1);
        break;
      case "conversation.status_changed":
        void this.recall(id);
        break;
      case "conversation.updated":
        void this.sync();
        break;
      case "conversation.typing_on":
        if (id === this.state.current) this.showTyping(data.by);
        break;
      case "conversation.typing_off":
        if (id === this.state.current) this.stopTyping();
    }
  }

  private showTyping(by: { type: string; id: number } | undefined): void {
    const said = this.thread().list.findLast(m => m.sender && m.sender.id === by?.id && m.sender.type === by.type);
    this.set({ typist: said?.sender?.name ?? "" });
    clearTimeout(this.typingEnds);
    this.typingEnds = setTimeout(() => this.stopTyping(), TYPING_SHOWN);
  }

  private stopTyping(): void {
    clearTimeout(this.typingEnds);
    if (this.state.typist !== undefined) {
      const { typist: _, ...rest } = this.state;
      this.state = rest;
      this.set({});
    }
  }

  // Reading.

  /** Everything that may have changed while nobody listened. */
  private async sync(): Promise<void> {
    try {
      await this.listAgain();
      const id = this.state.current;
      const first = this.thread().list[0];
      if (id && first) await this.refresh(id, first.id - 1, this.thread().cursor + 1);
      if (id) await this.pull(id);
    } catch {} // the next connection tries again
  }

  private async listAgain(): Promise<void> {
    const before = this.state;
    const list = await this.api.conversations();
    // What began while the answer was on its way is not in it.
    const since = this.state.conversations.filter(
      c => !before.conversations.includes(c) && !list.some(l => l.id === c.id),
    );
    const conversations = [...since, ...list].sort((a, b) => b.id - a.id);
    this.set({ conversations });
    const { current } = this.state;
    const gone = current && current === before.current && !conversations.some(c => c.id === current);
    if (gone) this.choose(conversations[0]?.id);
    else if (
      !current &&
      conversations[0] &&
      this.state.view === "chat" &&
      !this.state.draft &&
      !this.queue.items.length &&
      !this.asked
    ) {
      this.choose(conversations[0].id); // another tab began it
    }
    if (this.state.current && !this.state.threads[this.state.current]) await this.reload();
  }

  /** The questions that stand before the first word of a new conversation. */
  questions(): PreChatField[] {
    const { current, inbox, outbox, campaign } = this.state;
    return !current && !campaign && inbox?.pre_chat_form_enabled && outbox.length === 0
      ? inbox.pre_chat_form_options.pre_chat_fields
      : [];
  }

  /** Begins a conversation with the form's answers and the first word. */
  async open(pre_chat: Record<string, unknown>, content: string, echo_id: string): Promise<void> {
    await this.meet();
    const begun = await this.api.start({ pre_chat, message: { content, echo_id } });
    this.note(begun);
    this.setThread(begun.id, opened(begun.messages));
    this.choose(begun.id);
    void this.pull(begun.id);
    this.set({ visitor: await this.api.visitor() });
  }

  /** Begins anew; what is known by now is not asked again. */
  async anew(): Promise<void> {
    this.choose(undefined);
    const inbox = this.state.inbox?.pre_chat_form_enabled && (await this.api.widget(this.known).catch(() => undefined));
    if (inbox) this.set({ inbox });
  }

  /** Has the transcript sent, to an address where none is known. */
  async mailTranscript(email?: string): Promise<void> {
    const { current } = this.state;
    if (!current) return;
    const sent = await this.api.mailTranscript(current, email);
    this.set({ notice: sent.message });
    if (email) this.set({ visitor: await this.api.visitor() });
  }

  private asked = false; // the visitor asked for a new conversation

  private async recall(id: number): Promise<void> {
    const fresh = await this.api.conversation(id).catch(() => undefined);
    if (fresh) this.note(fresh);
  }

  private note(fresh: Conversation): void {
    const others = this.state.conversations.filter(c => c.id !== fresh.id);
    this.set({ conversations: [fresh, ...others].sort((a, b) => b.id - a.id) });
  }

  private async reload(): Promise<void> {
    const id = this.state.current;
    if (!id) return;
    const page = await this.api.messages(id, "");
    this.setThread(id, opened(page));
    this.count();
    this.see();
  }

  async older(): Promise<void> {
    const id = this.state.current;
    const first = this.thread().list[0];
    if (!id || !first || !this.thread().more) return;
    const page = await this.api.messages(id, `?before=${first.id}`).catch(() => undefined);
    if (page) this.setThread(id, extended(this.thread(id), page));
  }

  /** Fetches what came after the last known message, once at a time. */
  private async pull(id: number): Promise<void> {
    if (!this.state.threads[id]) {
      if (id !== this.state.current) return void this.listAgain().catch(() => undefined);
      return this.reload().catch(() => undefined);
    }
    if (this.pulling.has(id)) return void this.pulling.set(id, "again");
    this.pulling.set(id, "once");
    try {
      for (;;) {
        this.pulling.set(id, "once");
        const { cursor } = this.thread(id);
        const page = await this.api.messages(id, cursor ? `?after=${cursor}` : ""); // without an id: the newest
        const known = new Set(this.thread(id).list.map(m => m.id));
        this.setThread(
          id,
          cursor ? caughtUp(this.thread(id), page) : { ...caughtUp(this.thread(id), page), more: page.length >= PAGE },
        );
        const fresh = page.filter(m => !known.has(m.id) && m.message_type !== INCOMING);
        if (fresh.length > 0) this.arrived(id, fresh);
        if (page.length < CATCH_UP && this.pulling.get(id) === "once") break;
      }
    } catch {
      // what is missing comes with the next word or connection
    } finally {
      this.pulling.delete(id);
    }
  }

  private async refresh(id: number, after: number, before: number): Promise<void> {
    if (!this.state.threads[id]) return;
    try {
      const page = await this.api.messages(id, `?after=${after}&before=${before}`);
      const had = this.thread(id).list.length;
      // Without an id to begin at the server answers with the newest alone.
      this.setThread(id, refreshed(this.thread(id), after || (page[0]?.id ?? before) - 1, before, page));
      if (this.thread(id).list.length < had) this.set({ heard: "" }); // deleted words are not kept for anybody
      this.count();
    } catch {} // as in pull
  }

  private setThread(id: number, thread: Thread): void {
    const arrived = new Set(thread.list.map(m => m.echo_id).filter(Boolean));
    this.set({ threads: { ...this.state.threads, [id]: thread } });
    for (const item of this.queue.items) if (arrived.has(item.echo) && item.failed) this.queue.drop(item.echo);
  }

  private arrived(id: number, fresh: Message[]): void {
    const last = fresh.at(-1) as Message;
    this.set({ heard: `${last.sender?.name ?? this.state.inbox?.name ?? ""}: ${last.content}` });
    for (const m of fresh)
      this.tell({ type: "message", message: { id: m.id, content: m.content, message_type: m.message_type } });
    if (last.sender?.type === "user") void this.recall(id); // by answering they have read
    if (!this.state.silent && !this.watching()) chime();
    this.count();
    this.see();
  }

  // What is read.

  private watching(): boolean {
    return this.state.open && document.visibilityState === "visible" && this.state.view === "chat";
  }

  private count(): void {
    const c = this.conversation();
    const since = c?.contact_last_seen_at ?? 0;
    const unread = this.watching()
      ? 0
      : unreadSince({ ...this.thread(), list: this.thread().list.filter(m => m.id > this.seenTo) }, since);
    if (unread !== this.state.unread) this.set({ unread });
    this.tell({ type: "unread", count: unread });
  }

  private see(): void {
    const id = this.state.current;
    const last = this.thread().list.findLast(m => m.message_type !== INCOMING);
    if (!id || !last || !this.watching()) return;
    const c = this.conversation();
    if (last.id > this.seenTo && last.created_at >= (c?.contact_last_seen_at ?? 0)) {
      void this.api.seen(id).catch(() => undefined);
      this.tabs?.postMessage(last.id);
    }
    this.seenTo = Math.max(this.seenTo, last.id);
    this.count();
  }

  private readElsewhere(upTo: number): void {
    this.seenTo = Math.max(this.seenTo, upTo);
    this.count();
  }

  // What the visitor does.

  choose(id: number | undefined): void {
    const { current: _, campaign: __, ...rest } = this.state;
    this.state = id ? { ...rest, current: id } : rest;
    this.asked = id === undefined;
    this.set({ view: "chat", notice: "" });
    this.tell({ type: "keep", kept: { conversation: id ?? 0 } });
    this.count();
  }

  async show(id: number): Promise<void> {
    this.choose(id);
    if (!this.state.threads[id]) await this.reload().catch(() => undefined);
    else await this.pull(id);
    this.see();
  }

  write(content: string, files: File[] = []): void {
    const text = content.trim();
    const { current } = this.state;
    const at = Math.floor(Date.now() / 1000);
    const put = (item: Partial<Outgoing>) =>
      this.queue.add({ echo: newId(), conversation: current, content: "", at, ...item });
    if (files.length > 0) put({ content: text, files });
    else if (text) put({ content: text });
    this.keepDraft("");
    this.types(false);
  }

  keepDraft(draft: string): void {
    this.set({ draft });
    this.tell({ type: "keep", kept: { draft } });
  }

  retry = (echo: string) => this.queue.retry(echo);
  discard = (echo: string) => this.queue.drop(echo);

  /** Delivers one, making visitor and conversation where there is none. */
  private async deliver(item: Outgoing): Promise<void> {
    await this.meet();
    let conversation = item.conversation;
    if (!conversation) {
      const { campaign } = this.state;
      const begun =
        (campaign &&
          !item.files &&
          (await this.api.answerCampaign(campaign.id, item.content, item.echo)).conversation) ||
        (await this.api.start());
      conversation = begun.id;
      this.note(begun);
      for (const i of this.queue.items) if (!i.conversation) this.queue.change(i.echo, { conversation });
      if (!this.state.threads[conversation]) this.setThread(conversation, opened(begun.messages));
      if (!this.state.current) this.choose(conversation);
    }
    let m: Message;
    try {
      m = await this.api.send(conversation, item.content, item.echo, item.files);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) {
        await this.begin(); // the conversation, or the visitor, was removed: it goes into another
        this.queue.change(item.echo, { conversation: this.state.current });
        if (this.state.current !== conversation) throw new Refused(503, "moved", "");
      }
      throw error;
    }
    if (m.conversation_id !== conversation) {
      await this.listAgain(); // after a resolved one a new one began
      await this.show(m.conversation_id);
    }
    if (!this.state.threads[m.conversation_id]) await this.reload();
    this.setThread(m.conversation_id, stored(this.thread(m.conversation_id), m));
    void this.pull(m.conversation_id);
  }

  /** Answers a choice, a form, the e-mail box or the survey. */
  async submit(m: Message, values: unknown): Promise<void> {
    const answered = await this.api.submit(m.conversation_id, m.id, values);
    this.setThread(m.conversation_id, stored(this.thread(m.conversation_id), answered));
    void this.pull(m.conversation_id);
  }

  private typingSaid = 0;

  types(on: boolean): void {
    const id = this.state.current;
    const now = Date.now();
    if (!id || (on ? now - this.typingSaid < 8000 : this.typingSaid === 0)) return;
    this.typingSaid = on ? now : 0;
    void this.api.typing(id, on).catch(() => undefined);
  }

  mute(silent: boolean): void {
    this.set({ silent });
    this.tell({ type: "keep", kept: { silent } });
  }

  close(): void {
    this.tell({ type: "close" });
  }
}

const wait = (ms: number) => new Promise(done => setTimeout(done, ms));

function paintScheme(scheme: Scheme): void {
  document.documentElement.dataset.scheme = scheme;
}

let speaker: AudioContext | undefined;

/** Two short tones. A browser that forbids sound stays silent. */
function chime(): void {
  try {
    speaker ??= new AudioContext();
    const at = speaker.currentTime;
    for (const [tone, late] of [
      [660, 0],
      [880, 0.12],
    ] as const) {
      const wave = speaker.createOscillator();
      const loud = speaker.createGain();
      wave.frequency.value = tone;
      loud.gain.setValueAtTime(0.08, at + late);
      loud.gain.exponentialRampToValueAtTime(0.0001, at + late + 0.25);
      wave.connect(loud).connect(speaker.destination);
      wave.start(at + late);
      wave.stop(at + late + 0.3);
    }
  } catch {} // no sound, then
}
