import type { Init, Scheme, ToLoader, ToPanel } from "../shared/protocol";
import { Api } from "./api";
import { Connection } from "./connection";
import { Reader } from "./reader";
import { Sender } from "./sender";
import { Session } from "./session";
import { beginning, type State } from "./state";
import { languageFor } from "./texts";
import { emptyThread, type Thread } from "./thread";
import type { Conversation, PreChatField } from "./types";
import { Unread } from "./unread";

/**
 * What the panel knows, and its parts that change it: who the visitor is, what
 * was said, what is to be sent, what is unread, and the socket. Components read
 * the state and call the parts' methods.
 */
export class Store {
  state: State;
  readonly api: Api;
  readonly session: Session;
  readonly reader: Reader;
  readonly sender: Sender;
  readonly unread: Unread;
  readonly connection: Connection;
  asked = false; // the visitor asked for a new conversation
  private readonly watchers = new Set<() => void>();

  constructor(
    init: Init,
    readonly tell: (letter: ToLoader) => void,
  ) {
    this.state = beginning(init);
    this.api = new Api(init.inbox, init.kept.token);
    this.reader = new Reader(this);
    this.sender = new Sender(this);
    this.unread = new Unread(this, init);
    this.connection = new Connection(this);
    this.session = new Session(this, init);
    paintScheme(init.scheme);
    void this.session.load(init);
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

  /** The questions that stand before the first word of a new conversation. */
  questions(): PreChatField[] {
    const { current, inbox, outbox, campaign } = this.state;
    return !current && !campaign && inbox?.pre_chat_form_enabled && outbox.length === 0
      ? inbox.pre_chat_form_options.pre_chat_fields
      : [];
  }

  hearPage(letter: ToPanel): void {
    switch (letter.type) {
      case "open":
        this.set({ open: true });
        this.session.tellOpened();
        this.unread.see();
        break;
      case "close":
        this.set({ open: false });
        break;
      case "kept":
        this.session.anotherTab(letter.kept);
        break;
      case "identify":
        void this.session.identify(letter.person);
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

  private followed = 0; // the campaign that was clicked on the page

  followCampaign(): void {
    const campaign = this.state.inbox?.campaigns?.find(c => c.id === this.followed);
    if (campaign && !this.state.current) this.set({ campaign });
  }

  speak(locale: string): void {
    const spoken = languageFor(locale);
    this.api.language = spoken.language;
    document.documentElement.lang = spoken.language;
    this.set(spoken);
  }

  choose(id: number | undefined): void {
    const { current: _, campaign: __, ...rest } = this.state;
    this.state = id ? { ...rest, current: id } : rest;
    this.asked = id === undefined;
    this.set({ view: "chat", notice: "", problem: "" });
    this.tell({ type: "keep", kept: { conversation: id ?? 0 } });
    this.unread.count();
  }

  /** Says at the top what was done, until the next thing is. */
  say(notice: string): void {
    this.set({ notice, problem: "" });
  }

  /** Says at the top what could not be done, until something is done. */
  fail(problem: string): void {
    this.set({ notice: "", problem });
  }

  keepDraft(draft: string): void {
    this.set({ draft });
    this.tell({ type: "keep", kept: { draft } });
  }

  mute(silent: boolean): void {
    this.set({ silent });
    this.tell({ type: "keep", kept: { silent } });
  }

  close(): void {
    this.tell({ type: "close" });
  }
}

function paintScheme(scheme: Scheme): void {
  document.documentElement.dataset.scheme = scheme;
}
