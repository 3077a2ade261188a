// What the loader (on the page of the business) and the panel (in its frame)
// tell each other by postMessage. Each side checks who speaks: the loader takes
// words only from the frame that it opened and from its origin, the panel only
// from its parent.

export type Scheme = "light" | "dark" | "auto";

/** What the business says of the person who is signed in at its page. */
export interface Person {
  identifier?: string;
  identifier_hash?: string;
  name?: string;
  email?: string;
  phone_number?: string;
  custom_attributes?: Record<string, unknown>;
}

/** What is said of a person, and more; of another person nothing said before is true. */
export function withMore(was: Person = {}, more: Person = {}): Person {
  const base = was.identifier && more.identifier && more.identifier !== was.identifier ? {} : was;
  const noted = [base, more].map(p => p.custom_attributes);
  return { ...base, ...more, ...(noted.some(Boolean) && { custom_attributes: Object.assign({}, ...noted) }) };
}

/** What is kept in the storage of the page, so that it outlives the page. */
export interface Kept {
  /** The visitor's token: it opens their conversations. */
  token: string;
  /** Whether the server knows the token. */
  known?: boolean;
  open?: boolean;
  /** The server was told that the visitor opened the widget. */
  opened?: boolean;
  silent?: boolean;
  /** Words that the server has not confirmed. */
  outbox?: Outbox;
  /** The conversation that is shown. */
  conversation?: number;
  /** What was typed and not sent. */
  draft?: string;
}

/** Words by their echo id, undefined once they are through. The panel alone looks into them. */
export type Outbox = Record<string, unknown>;

export interface Init {
  type: "init";
  inbox: string;
  kept: Kept;
  locale: string;
  scheme: Scheme;
  open: boolean;
  color?: string | undefined;
  person?: Person | undefined;
  page: string;
}

export type ToPanel =
  | Init
  | { type: "open" }
  | { type: "close" }
  | { type: "kept"; kept: Kept }
  | { type: "identify"; person: Person }
  | { type: "locale"; locale: string }
  | { type: "scheme"; scheme: Scheme }
  | { type: "campaign"; id: number };

export type ToLoader =
  | { type: "hello" }
  | { type: "ready" }
  | { type: "close" }
  | { type: "keep"; kept: Partial<Kept> }
  /** What this tab has to send; other tabs' words stay. */
  | { type: "outbox"; items: Outbox }
  | { type: "unread"; count: number }
  | { type: "message"; message: { id: number; content: string; message_type: number } }
  /** The page named another person than the token is: it begins anew as them. */
  | { type: "another" }
  | { type: "failed"; code: string };

/** What marks our messages among all that pages send. */
export interface Envelope<T> {
  relevo: T;
}

export const letterOf = <T>(data: unknown): T | undefined => (data as Envelope<T> | null | undefined)?.relevo;
