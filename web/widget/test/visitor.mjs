// What the tests of cuts and of hostile visitors share: a visitor at a page of
// a business, and what the server has of them.
import assert from "node:assert/strict";
import { openWidget, PATIENCE, strictHost } from "./browser.mjs";

/** A visitor of their own, who reaches Relevo at `at`. */
export class Visitor {
  static async arrives(t, browser, server, { at = server.base, inbox = "people", prepare, options } = {}) {
    const v = new Visitor();
    const host = await strictHost(inbox, undefined, at);
    const context = await browser.newContext({ locale: "es-ES", reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const problems = [];
    page.on("pageerror", e => problems.push(e.message));
    Object.assign(v, { server, inbox, host, context, page, problems });
    t.after(async () => {
      await context.close();
      host.close();
      assert.deepEqual(problems, [], "the browser complained");
    });
    await prepare?.(v);
    await page.goto(host.address);
    return v;
  }

  async opens() {
    this.frame = await openWidget(this.page);
    return this.frame;
  }

  async says(text) {
    await this.frame.locator("textarea").fill(text);
    await this.frame.locator("textarea").press("Enter");
  }

  /** Waits until the panel shows a text. */
  async sees(text) {
    const found = this.frame.locator(".log").getByText(text, { exact: true }).first();
    await found.waitFor().catch(async error => {
      throw new Error(
        `"${text}" is not shown, but:\n${await this.frame.locator("main").innerText()}\n${error.message}`,
      );
    });
  }

  /** Waits until nothing is on its way any more and the server is within reach. */
  settles(timeout = 2 * PATIENCE) {
    return this.frame.waitForFunction(() => !document.querySelector(".pending, .banner:not(.good)"), undefined, {
      timeout,
    });
  }

  kept() {
    return this.page.evaluate(key => JSON.parse(localStorage.getItem(key) ?? "null"), `relevo:${this.inbox}`);
  }

  keep(kept) {
    return this.page.evaluate(
      ([key, value]) => localStorage.setItem(key, JSON.stringify(value)),
      [`relevo:${this.inbox}`, kept],
    );
  }

  /** Another tab of the same visitor. */
  async anotherTab() {
    const other = Object.assign(new Visitor(), { ...this, page: await this.context.newPage() });
    await other.page.goto(this.host.address);
    await other.opens();
    return other;
  }

  async path() {
    return `/public/api/v1/inboxes/${this.inbox}/contacts/${(await this.kept()).token}/conversations`;
  }

  /** The conversation that the visitor writes in, once its first word stands. */
  async conversation() {
    await this.frame.waitForFunction(() => document.querySelector(".mine:not(.pending)"));
    return (await this.server.insist(await this.path(), undefined, {}))[0].id;
  }

  /** Every word of the visitor and to them, as the server has it. */
  async stored(id) {
    const path = `${await this.path()}/${id}/messages`;
    const all = [];
    for (let more = [{ id: 0 }]; more.length > 0; all.push(...more))
      more = await this.server.insist(`${path}?after=${all.at(-1)?.id ?? 0}`, undefined, {});
    return all.filter(m => m.message_type === 0 || m.message_type === 1);
  }

  /** Every word that the panel shows, the earlier ones too. */
  async shown() {
    const older = this.frame.getByRole("button", { name: "Ver mensajes anteriores" });
    while (await older.count()) {
      const first = await this.frame.locator(".entry").count();
      await older.click();
      await this.frame.waitForFunction(
        n => document.querySelectorAll(".entry").length > n || !document.querySelector(".log .quiet"),
        first,
      );
    }
    return this.frame.locator(".log .bubble").allInnerTexts();
  }
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export function dice(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let x = Math.imul(a ^ (a >>> 15), 1 | a);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
