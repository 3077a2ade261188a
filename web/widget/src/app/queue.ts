import { Refused } from "./api";

/** Words or files that the server has not confirmed yet. */
export interface Outgoing {
  echo: string;
  /** The conversation that they belong to; none for the first word of a new one. */
  conversation?: number | undefined;
  content: string;
  files?: File[];
  at: number; // unix seconds
  failed?: string; // why the server refused
}

export interface Sending {
  /** Sends one; what it throws decides what follows. */
  send(item: Outgoing): Promise<void>;
  changed(items: Outgoing[]): void;
  /** A try failed because the server is away, or one got through. */
  reached(yes: boolean): void;
}

const SLOWEST = 15_000;

/**
 * Sends one thing at a time, in order, again and again until it is through: an
 * echo id makes the server store it once. What the server refuses for good
 * stays, marked, and the next goes on.
 */
export class Queue {
  items: Outgoing[] = [];
  private busy = false;
  private tries = 0;
  private notBefore = 0; // in ms since 1970: the server asked to wait
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly sending: Sending) {}

  add(item: Outgoing): void {
    this.set([...this.items, item]);
    this.now();
  }

  /** Takes over what an earlier page could not send. */
  restore(items: Outgoing[]): void {
    const known = new Set(this.items.map(i => i.echo));
    this.set([...items.filter(i => !known.has(i.echo)), ...this.items]);
    this.now();
  }

  retry(echo: string): void {
    this.set(this.items.map(i => (i.echo === echo ? { ...i, failed: undefined } : i)) as Outgoing[]);
    this.now();
  }

  drop(echo: string): void {
    this.set(this.items.filter(i => i.echo !== echo));
  }

  change(echo: string, part: Partial<Outgoing>): void {
    this.set(this.items.map(i => (i.echo === echo ? { ...i, ...part } : i)));
  }

  /** Does not wait for the next try, unless the server asked to. */
  now(): void {
    if (Date.now() >= this.notBefore) void this.pump();
  }

  private async pump(): Promise<void> {
    const item = this.items.find(i => !i.failed);
    if (this.busy || !item) return;
    this.busy = true;
    clearTimeout(this.timer);
    let wait = 0;
    try {
      await this.sending.send(item);
      this.tries = 0;
      this.sending.reached(true);
      this.drop(item.echo);
    } catch (error) {
      if (error instanceof Refused && !error.passing) {
        this.change(item.echo, { failed: error.message || error.code });
      } else {
        const asked = error instanceof Refused ? error.wait * 1000 : 0;
        // Spread, so that not all come at once; never before the server asked for it.
        wait = Math.max(asked, Math.min(SLOWEST, 500 * 2 ** this.tries++) * (0.75 + Math.random() / 2));
        if (asked) this.notBefore = Date.now() + asked;
        this.sending.reached(error instanceof Refused && error.reached);
      }
    }
    this.busy = false;
    if (wait > 0) this.timer = setTimeout(() => void this.pump(), wait);
    else void this.pump();
  }

  private set(items: Outgoing[]): void {
    this.items = items;
    this.sending.changed(items);
  }
}
