import type { Outbox } from "../shared/protocol";
import { Refused } from "./api";
import { newId } from "./newid";
import { type Outgoing, Queue } from "./queue";
import type { Store } from "./store";
import { begunBy, stored } from "./thread";
import type { Conversation, Message } from "./types";

/** What the visitor says and answers. */
export class Sender {
  readonly queue: Queue;
  private typingSaid = 0;
  private told: string[] = []; // the echo ids that the page was told to keep last

  constructor(private readonly store: Store) {
    this.queue = new Queue({
      send: item => this.deliver(item),
      changed: items => {
        store.set({ outbox: items });
        const kept: Outbox = {};
        for (const echo of this.told) kept[echo] = undefined; // unless it still waits
        for (const i of items) if (!i.files?.length) kept[i.echo] = i; // files cannot be kept
        store.tell({ type: "outbox", items: kept });
        this.told = items.map(i => i.echo);
      },
      reached: yes => store.connection.reach(yes),
    });
  }

  write(content: string, files: File[] = []): void {
    const text = content.trim();
    const { current } = this.store.state;
    const at = Math.floor(Date.now() / 1000);
    const put = (item: Partial<Outgoing>) =>
      this.queue.add({ echo: newId(), conversation: current, content: "", at, ...item });
    if (files.length > 0) put({ content: text, files });
    else if (text) put({ content: text });
    this.store.keepDraft("");
    this.types(false);
  }

  /** Begins a conversation with the form's answers and the first word. */
  async open(pre_chat: Record<string, unknown>, content: string, echo_id: string): Promise<void> {
    const { api, reader, session } = this.store;
    await session.meet();
    const begun = await api.start({ pre_chat, message: { content, echo_id } });
    reader.note(begun);
    reader.setThread(begun.id, begunBy(echo_id, begun.messages));
    this.store.choose(begun.id);
    void reader.pull(begun.id);
    this.store.set({ visitor: await api.visitor() });
  }

  /** Answers a choice, a form, the e-mail box or the survey. */
  async submit(m: Message, values: unknown): Promise<void> {
    const { api, reader } = this.store;
    const answered = await api.submit(m.conversation_id, m.id, values);
    this.store.say("");
    reader.setThread(m.conversation_id, stored(this.store.thread(m.conversation_id), answered));
    void reader.pull(m.conversation_id);
  }

  /** Asks for a person, or to wait for none. Where that is no longer possible it shows how things stand. */
  async wish(id: number, what: "talkToPerson" | "cancelWaiting"): Promise<void> {
    const { api, reader } = this.store;
    try {
      reader.note(await api[what](id));
      this.store.say("");
    } catch (error) {
      if (!(error instanceof Refused) || error.passing) throw error;
      await reader.recall(id);
    }
    void reader.pull(id);
  }

  types(on: boolean): void {
    const id = this.store.state.current;
    const now = Date.now();
    if (!id || (on ? now - this.typingSaid < 8000 : this.typingSaid === 0)) return;
    this.typingSaid = on ? now : 0;
    void this.store.api.typing(id, on).catch(() => undefined);
  }

  /** Delivers one, making visitor and conversation where there is none. */
  private async deliver(item: Outgoing): Promise<void> {
    const { store } = this;
    const { api, reader, session } = store;
    if (store.state.notice || store.state.problem) store.say(""); // the talk goes on
    await session.meet();
    let conversation = item.conversation;
    if (!conversation) {
      const begun = await this.begin(item);
      conversation = begun.id;
      reader.note(begun);
      for (const i of this.queue.items) if (!i.conversation) this.queue.change(i.echo, { conversation });
      reader.setThread(conversation, begunBy(item.echo, begun.messages, store.thread(conversation)));
      if (!store.state.current) store.choose(conversation);
      if (!item.files) return void reader.pull(conversation);
    }
    let m: Message;
    try {
      m = await api.send(conversation, item.content, item.echo, item.files);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) {
        await session.begin(); // the conversation, or the visitor, was removed: it goes into another
        this.queue.change(item.echo, { conversation: store.state.current });
        if (store.state.current !== conversation) throw new Refused(503, "moved", "");
      }
      throw error;
    }
    if (m.conversation_id !== conversation) {
      await reader.listAgain(); // after a resolved one a new one began
      await reader.show(m.conversation_id);
    }
    if (!store.state.threads[m.conversation_id]) await reader.reload();
    reader.setThread(m.conversation_id, stored(store.thread(m.conversation_id), m));
    void reader.pull(m.conversation_id);
  }

  /**
   * Begins a conversation with the first word, in one request: whichever tab
   * sends that word, and however often, it begins one. Files follow it. The
   * first word may answer a campaign.
   */
  private async begin({ content, echo, files }: Outgoing): Promise<Conversation> {
    const { api, state } = this.store;
    if (files) return api.start(); // while nothing was said, this returns the one that it began
    const answered = state.campaign && (await api.answerCampaign(state.campaign.id, content, echo));
    return answered?.conversation || api.start({ message: { content, echo_id: echo } });
  }
}
