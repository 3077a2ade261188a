// A visitor in a browser of their own, and what the tests look at.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test as plainTest } from "node:test";
import { base, desk, launch, PATIENCE, strictHost } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let browser;

export const test = (name, run) => plainTest(name, { timeout: 5 * PATIENCE }, run);

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** A visitor of their own, at a page of the business. */
export async function visit(t, inbox = "people", options = {}) {
  const host = await strictHost(inbox, options.script);
  const context = await browser.newContext({
    viewport: { width: 1100, height: 800 },
    locale: "es-ES",
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const problems = []; // but for what is expected, where a test wants the browser to refuse
  const foreign = [];
  page.on("pageerror", e => problems.push(e.message));
  page.on(
    "console",
    m =>
      m.type() === "error" &&
      !/Failed to load resource|net::ERR|WebSocket/.test(m.text()) &&
      !options.expected?.test(m.text()) &&
      problems.push(m.text()),
  );
  page.on(
    "request",
    r =>
      ![base, new URL(host.address).origin].some(o => r.url().startsWith(o)) &&
      !/^(data|blob|ws):/.test(r.url()) &&
      foreign.push(r.url()),
  );
  await page.goto(host.address + (options.path ?? ""));
  t.after(async () => {
    await context.close();
    host.close();
    assert.deepEqual(problems, [], "the browser complained");
    assert.deepEqual(foreign, [], "a third party was asked");
  });
  return { page, context, host };
}

export const say = async (frame, text) => {
  await frame.locator("textarea").fill(text);
  await frame.locator("textarea").press("Enter");
};
export async function shows(frame, text) {
  const found = frame.locator(".log").getByText(text).first();
  await found.waitFor().catch(async error => {
    throw new Error(`"${text}" is not shown, but:\n${await frame.locator("main").innerText()}\n${error.message}`);
  });
}
export const kept = (page, inbox = "people") =>
  page.evaluate(key => JSON.parse(localStorage.getItem(key) ?? "null"), `relevo:${inbox}`);

/** The conversation of the visitor on a page, as agents know it. */
export async function conversationOf(page, inbox = "people") {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await page.waitForTimeout(50)) {
    const { token, known } = (await kept(page, inbox)) ?? {};
    if (known) {
      const answer = await fetch(`${base}/public/api/v1/inboxes/${inbox}/contacts/${token}/conversations`);
      const list = await answer.json();
      if (list[0]?.messages.length) return list[0].id; // the first word stands: what is answered comes after it
    }
  }
  throw new Error("no conversation began");
}
export const answer = (id, content, more = {}) =>
  desk(`/conversations/${id}/messages`, { content, message_type: "outgoing", ...more });

/** Everything that was said to the visitor on a page and by them, as the server has it. */
export async function thread(page, inbox = "people") {
  const { token } = await kept(page, inbox);
  const id = await conversationOf(page, inbox);
  const all = [];
  for (let before = ""; ; before = `?before=${all[0].id}`) {
    const got = await fetch(
      `${base}/public/api/v1/inboxes/${inbox}/contacts/${token}/conversations/${id}/messages${before}`,
    );
    const older = await got.json();
    all.unshift(...older);
    if (older.length < 20) return all;
  }
}

export async function accessible(frame, what) {
  await frame.evaluate(axe);
  const { violations } = await frame.evaluate(() =>
    window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  assert.deepEqual(
    violations.map(v => `${v.id}: ${v.nodes.map(n => n.html).join(" ")}`),
    [],
    `${what}: axe-core`,
  );
}
