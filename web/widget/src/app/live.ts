// A client of centrifuge's JSON protocol, as much of it as a visitor needs:
// the server subscribes, pushes hold ids and no words, and after each
// connection the API is asked for what was missed. So positions are not kept.
import type { Push } from "./types";

interface Reply {
  id?: number;
  error?: { code: number; temporary?: boolean };
  connect?: { ping?: number; pong?: boolean; ttl?: number; expires?: boolean };
  refresh?: { ttl?: number; expires?: boolean };
  push?: { pub?: { data: Push } };
}

export interface Watcher {
  /** A token for the socket; it may fail when the server is away. */
  token(): Promise<string>;
  push(p: Push): void;
  /** The socket is open, or is no longer. */
  state(connected: boolean): void;
}

const FIRST = 500; // ms before the first try to come back
const LONGEST = 10_000;
const CONNECT_PATIENCE = 10_000;
const SLACK = 10_000; // that a ping may be late

/** How long to wait before try n (from 0), spread so that not all come at once. */
export function pause(n: number, random = Math.random()): number {
  return Math.min(LONGEST, FIRST * 2 ** Math.min(n, 10)) * (0.5 + random / 2);
}

/** A socket that comes back for as long as it is wanted. */
export class Live {
  private socket: WebSocket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private refresher: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private tries = 0;
  private command = 0;
  private wanted = false;
  private round = 0;

  constructor(
    private readonly address: string,
    private readonly watcher: Watcher,
  ) {
    addEventListener("online", () => this.now());
    addEventListener("offline", () => this.drop());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.now());
  }

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    void this.connect();
  }

  stop(): void {
    this.wanted = false;
    this.drop();
    clearTimeout(this.timer);
  }

  /** Does not wait for the next try. */
  now(): void {
    if (this.wanted && !this.socket && this.timer !== undefined) {
      clearTimeout(this.timer);
      this.tries = 0;
      void this.connect();
    }
  }

  private async connect(): Promise<void> {
    const round = ++this.round;
    this.timer = undefined;
    let token: string;
    try {
      token = await this.watcher.token();
    } catch {
      return this.later(round);
    }
    if (!this.wanted || round !== this.round) return;
    const socket = new WebSocket(this.address);
    this.socket = socket;
    this.watch(CONNECT_PATIENCE);
    socket.onopen = () => this.say({ connect: { token, name: "relevo-widget" } });
    socket.onmessage = event => {
      if (socket !== this.socket) return;
      for (const line of String(event.data).split("\n")) if (line) this.hear(JSON.parse(line));
    };
    socket.onclose = () => socket === this.socket && this.drop();
  }

  private say(command: object): void {
    if (this.socket?.readyState === WebSocket.OPEN)
      this.socket.send(JSON.stringify({ id: ++this.command, ...command }));
  }

  private ping = 25;

  private hear(reply: Reply): void {
    if (reply.error) {
      this.drop();
      return;
    }
    if (reply.connect) {
      this.tries = 0;
      this.ping = reply.connect.ping ?? 25;
      this.renew(reply.connect.ttl);
      this.watcher.state(true);
    } else if (reply.refresh) this.renew(reply.refresh.ttl);
    else if (reply.push?.pub) this.watcher.push(reply.push.pub.data);
    else if (!reply.id && !reply.push) this.socket?.send("{}"); // a ping
    this.watch(this.ping * 1000 + SLACK);
  }

  /** Brings a new token before the old one ends. */
  private renew(ttl?: number): void {
    clearTimeout(this.refresher);
    if (!ttl) return;
    const round = this.round;
    this.refresher = setTimeout(
      async () => {
        try {
          const token = await this.watcher.token();
          if (round === this.round) this.say({ refresh: { token } });
        } catch {
          this.renew(10); // until the server ends the socket
        }
      },
      Math.max(1, ttl - 30) * 1000,
    );
  }

  private watch(patience: number): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.drop(), patience);
  }

  /** Gives the socket up, and comes back if it is wanted. */
  private drop(): void {
    const socket = this.socket;
    const round = ++this.round;
    this.socket = undefined;
    clearTimeout(this.refresher);
    clearTimeout(this.watchdog);
    if (socket) {
      socket.onclose = socket.onmessage = socket.onopen = null;
      socket.close();
    }
    this.watcher.state(false);
    this.later(round);
  }

  private later(round: number): void {
    if (!this.wanted || round !== this.round) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.connect(), pause(this.tries++));
    if (this.tries > 1) this.watcher.state(false);
  }
}
