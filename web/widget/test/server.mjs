// A server that can be killed, and a network that can be cut, for the tests of
// what a visitor sees of both.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { PATIENCE } from "./browser.mjs";

/** `relevo serve` in a process of its own, as Go describes it in RELEVO_SERVERS. */
export class Server {
  constructor({ base, env, token, log }) {
    Object.assign(this, { base, env, token, log });
  }

  async start() {
    this.process = spawn(this.env.program, [], {
      env: { ...process.env, [this.env.variable]: this.env.config },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.said = "";
    this.process.stderr.on("data", d => {
      this.said = (this.said + d).slice(-4000);
    });
    for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(20)) {
      const answer = await fetch(`${this.base}/readyz`).catch(() => undefined);
      await answer?.text().catch(() => "");
      if (answer?.ok) return;
      if (this.process.exitCode !== null) break;
    }
    throw new Error(`the server does not start: ${this.said}`);
  }

  /** Ends it as a power cut would. */
  async kill() {
    if (this.process.exitCode !== null || this.process.signalCode) return;
    this.process.kill("SIGKILL");
    await once(this.process, "exit");
  }

  /** Asks until it is answered, whatever becomes of server and network meanwhile. */
  async insist(path, body, headers = { api_access_token: this.token }) {
    let last;
    for (const end = Date.now() + 2 * PATIENCE; Date.now() < end; await sleep(30)) {
      try {
        const answer = await fetch(`${this.base}${path}`, {
          method: body ? "POST" : "GET",
          headers: { "Content-Type": "application/json", ...headers },
          ...(body && { body: JSON.stringify(body) }),
        });
        last = `${answer.status} ${await answer.text()}`;
        if (answer.ok) return JSON.parse(last.slice(4));
        if (answer.status < 500 && answer.status !== 429) break;
      } catch (error) {
        last = error;
      }
    }
    throw new Error(`${path}: ${last}`);
  }
}

/** A network between browsers and the server at `base`, which can be cut. */
export class Network {
  static async before(base) {
    const network = new Network();
    network.target = new URL(base);
    network.pairs = new Set();
    network.tries = 0; // connections that were asked for
    network.listener = createServer({ pauseOnConnect: true }, near => network.accept(near));
    network.listener.listen(0, "127.0.0.1");
    await once(network.listener, "listening");
    network.base = `http://127.0.0.1:${network.listener.address().port}`;
    return network;
  }

  accept(near) {
    this.tries++;
    near.on("error", () => undefined);
    if (this.down) return near.resetAndDestroy();
    const far = connect(Number(this.target.port), this.target.hostname);
    const pair = { near, far, live: false };
    this.pairs.add(pair);
    far.on("error", () => near.resetAndDestroy());
    near.on("data", d => {
      if (/\r\nupgrade: websocket/i.test(d.toString("latin1"))) pair.live = true;
      far.write(d);
    });
    far.on("data", d => {
      if (pair.live || this.cutAfter === undefined) return near.write(d);
      near.end(d.subarray(0, this.cutAfter)); // a part of an answer, and no more
      this.cutAfter = undefined;
      far.destroy();
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ])
      one.on("close", () => {
        other.destroy();
        this.pairs.delete(pair);
      });
    if (this.silent) far.pause();
    else near.resume();
  }

  /** Breaks what is open: all of it, or the sockets alone. */
  cut(socketsOnly = false) {
    for (const { near, far, live } of this.pairs)
      if (live || !socketsOnly) {
        near.resetAndDestroy();
        far.destroy();
      }
  }

  /** Lets nothing through, and nobody is told so. */
  silence(silent) {
    this.silent = silent;
    for (const { near, far } of this.pairs)
      for (const one of [near, far])
        if (silent) one.pause();
        else one.resume();
  }

  close() {
    this.listener.close();
    this.cut();
  }
}
