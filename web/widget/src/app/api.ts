import type { Conversation, Inbox, Message, Visitor } from "./types";

/** The server refused, or could not be reached (status 0). */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** seconds that the server asks to wait */
    readonly wait = 0,
    /** the fields that it speaks of */
    readonly fields: string[] = [],
  ) {
    super(message);
  }

  /** Whether the server itself answered, not a network or a proxy before it. */
  get reached(): boolean {
    return this.status > 0 && this.status < 500;
  }

  /** Whether the same may be asked again later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const PATIENCE = 15_000; // ms that an answer may take
const UPLOAD_PATIENCE = 180_000;

/** The visitor's API at the server that the panel came from. */
export class Api {
  language = "";

  constructor(
    private readonly inbox: string,
    public token: string,
  ) {}

  /** The inbox, for a visitor whom the server knows without what is known of them. */
  widget = (known: boolean) =>
    this.ask<Inbox>("GET", `/widget${known ? `?contact_identifier=${encodeURIComponent(this.token)}` : ""}`);
  opened = (page: string) =>
    this.ask<void>("POST", "/events", {
      name: "webwidget.triggered",
      source_id: this.token,
      event_info: { referer: page, widget_language: this.language },
    });
  createVisitor = (fields: object) => this.ask<Visitor>("POST", "/contacts", { ...fields, source_id: this.token });
  visitor = () => this.ask<Visitor>("GET", this.mine());
  updateVisitor = (fields: object) => this.ask<unknown>("PATCH", this.mine(), fields);
  conversations = () => this.ask<Conversation[]>("GET", this.mine("/conversations"));
  conversation = (id: number) => this.ask<Conversation>("GET", this.mine(`/conversations/${id}`));
  start = (opening: object = {}) => this.ask<Conversation>("POST", this.mine("/conversations"), opening);
  answerCampaign = (id: number, content: string, echo_id: string) =>
    this.ask<{ conversation: Conversation | null }>("POST", this.mine(`/campaigns/${id}`), { content, echo_id });
  mailTranscript = (id: number, email?: string) =>
    this.ask<{ message: string; email: string }>("POST", this.mine(`/conversations/${id}/transcript`), { email });
  transcript = (id: number) => this.ask<string>("GET", this.mine(`/conversations/${id}/transcript`));
  messages = (id: number, query: string) =>
    this.ask<Message[]>("GET", this.mine(`/conversations/${id}/messages${query}`));
  submit = (id: number, message: number, values: unknown) =>
    this.ask<Message>("PATCH", this.mine(`/conversations/${id}/messages/${message}`), { submitted_values: values });
  talkToPerson = (id: number) => this.ask<Conversation>("POST", this.mine(`/conversations/${id}/talk_to_person`), {});
  cancelWaiting = (id: number) => this.ask<Conversation>("POST", this.mine(`/conversations/${id}/cancel_waiting`), {});
  seen = (id: number) => this.ask<void>("POST", this.mine(`/conversations/${id}/update_last_seen`), {});
  typing = (id: number, on: boolean) =>
    this.ask<void>("POST", this.mine(`/conversations/${id}/toggle_typing`), { typing_status: on ? "on" : "off" });
  realtime = () => this.ask<{ token: string }>("POST", this.mine("/realtime_token"), {});

  send(id: number, content: string, echo_id: string, files: File[] = []): Promise<Message> {
    const path = this.mine(`/conversations/${id}/messages`);
    if (files.length === 0) return this.ask("POST", path, { content, echo_id });
    const form = new FormData();
    form.set("echo_id", echo_id);
    form.set("content", content);
    for (const file of files) form.append("attachments[]", file, file.name);
    return this.ask("POST", path, form);
  }

  mine = (path = "") => `/contacts/${encodeURIComponent(this.token)}${path}`;

  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const upload = body instanceof FormData;
    const headers: Record<string, string> = { Accept: "application/json" };
    if (this.language) headers["Accept-Language"] = this.language;
    if (body && !upload) headers["Content-Type"] = "application/json";
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(`/public/api/v1/inboxes/${encodeURIComponent(this.inbox)}${path}`, {
        method,
        headers,
        credentials: "omit",
        cache: "no-store",
        signal: AbortSignal.timeout(upload ? UPLOAD_PATIENCE : PATIENCE),
        ...(body !== undefined && { body: upload ? body : JSON.stringify(body) }),
      });
      text = await answer.text();
    } catch {
      throw new Refused(0, "offline", "");
    }
    if (answer.ok && answer.headers.get("Content-Type")?.startsWith("text/html")) return text as T;
    let value: unknown;
    try {
      value = text ? JSON.parse(text) : undefined;
    } catch {
      throw new Refused(answer.ok ? 502 : answer.status, "not_json", ""); // a proxy's page
    }
    if (answer.ok) return value as T;
    const said = (value ?? {}) as { error?: string; message?: string; code?: string; attributes?: string[] };
    throw new Refused(
      answer.status,
      said.code ?? "",
      said.message ?? said.error ?? "",
      Number(answer.headers.get("Retry-After")) || 0,
      said.attributes,
    );
  }
}
