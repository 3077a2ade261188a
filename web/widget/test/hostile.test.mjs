// The widget and hostile visitors: floods, forged tokens, others'
// conversations, files that are not what they say. Go says how a server is
// started: see cmd/relevo/widget_hostile_test.go.
import assert from "node:assert/strict";
import { after, before, describe, test as plainTest } from "node:test";
import { launch, PATIENCE } from "./browser.mjs";
import { Server } from "./server.mjs";
import { Visitor } from "./visitor.mjs";

const [open, narrow] = JSON.parse(process.env.RELEVO_SERVERS).map(s => new Server(s));
let browser;

const test = (name, run) => plainTest(name, { timeout: 5 * PATIENCE }, run);

before(async () => {
  browser = await launch();
  await Promise.all([open.start(), narrow.start()]);
});
after(async () => {
  await browser?.close();
  await Promise.all([open.kill(), narrow.kill()]);
});

const visit = (t, server = open, more = {}) => Visitor.arrives(t, browser, server, more);
const own = stored => stored.filter(m => m.message_type === 0).map(m => m.content);
const randomToken = () => crypto.randomUUID().replaceAll("-", "");

/** In the panel: notes when words were refused, and which were sent before the time that was named. */
function watchRefusals() {
  window.pace = { refused: [], early: [] };
  let until = 0;
  const plain = window.fetch;
  window.fetch = async (address, options) => {
    const word = options?.method === "POST" && `${address}`.endsWith("/messages");
    if (word && performance.now() < until) window.pace.early.push(until - performance.now());
    const answer = await plain(address, options);
    if (word && answer.status === 429) {
      const seconds = Number(answer.headers.get("Retry-After"));
      window.pace.refused.push(seconds);
      until = performance.now() + 1000 * seconds;
    }
    return answer;
  };
}

describe("hostile visitors", { concurrency: 3 }, () => {
  test("who writes faster than the server takes waits as long as it says, and every word arrives, in order", async t => {
    const v = await visit(t, narrow, { prepare: v => v.context.addInitScript(watchRefusals) });
    await v.opens();
    const words = Array.from({ length: 30 }, (_, i) => `palabra ${i}.`);
    for (const w of words) await v.says(w);
    await v.settles(4 * PATIENCE);
    assert.deepEqual(own(await v.stored(await v.conversation())), words);
    await v.sees(words.at(-1));
    assert.deepEqual(await v.shown(), words);
    assert.equal(await v.frame.locator(".failed").count(), 0);
    const { refused, early } = await v.frame.evaluate(() => window.pace);
    assert.ok(refused.length > 0, "nothing was refused, so nothing was tested");
    assert.ok(
      refused.every(s => s >= 1),
      `Retry-After ${refused}`,
    );
    assert.deepEqual(early, [], "it did not wait as long as it was told");
  });

  test("a script that posts a thousand words is limited, and nobody else notices", async () => {
    const call = (address, path, body) =>
      fetch(`${narrow.base}/public/api/v1/inboxes/people/contacts${path}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Forwarded-For": address },
        body: JSON.stringify(body),
      });
    const flooder = randomToken();
    const bystander = randomToken();
    for (const [who, address] of [
      [flooder, "203.0.113.9"],
      [bystander, "198.51.100.7"],
    ])
      assert.equal((await call(address, "", { source_id: who })).status, 200);
    const begun = await (await call("203.0.113.9", `/${flooder}/conversations`, {})).json();
    const began = Date.now();
    const seen = {};
    let sent = 0;
    const one = async () => {
      while (sent < 1000) {
        const n = sent++;
        const answer = await call("203.0.113.9", `/${flooder}/conversations/${begun.id}/messages`, {
          content: `spam ${n}`,
        });
        seen[answer.status] = (seen[answer.status] ?? 0) + 1;
        if (answer.status === 429) assert.ok(Number(answer.headers.get("retry-after")) >= 1);
        await answer.text();
      }
    };
    await Promise.all(Array.from({ length: 8 }, one));
    const allowed = 30 + (Date.now() - began) / 1000 + 1; // half a minute's at once, then one a second
    assert.deepEqual(Object.keys(seen).sort(), ["200", "429"]);
    assert.ok(seen[200] <= allowed, `${seen[200]} of 1000 were taken, ${allowed} may be`);
    const other = await (await call("198.51.100.7", `/${bystander}/conversations`, {})).json();
    const answer = await call("198.51.100.7", `/${bystander}/conversations/${other.id}/messages`, { content: "Hola" });
    assert.equal(answer.status, 200);
  });

  test("forged tokens and a damaged storage begin a new visitor, and break nothing", async t => {
    const evil = `<img src=x onerror="window.pwned=1">`;
    for (const kept of [
      { token: evil.padEnd(40, "x"), known: true },
      { token: "../../../../api/v1/profile?x=", known: true },
      { token: "x".repeat(5000), known: true },
      { token: 1234567890123456, known: true },
      { token: randomToken(), known: true, conversation: `../1/messages?${evil}`, draft: { toString: 1 } },
      {
        token: randomToken(),
        known: true,
        outbox: { a: null, b: 7, c: { echo: 1 }, d: { echo: "d", content: {}, at: 0 } },
      },
      { token: randomToken(), known: "yes", outbox: evil, open: evil, silent: [] },
      "not a mapping",
      null,
    ]) {
      const v = await visit(t);
      await v.keep(kept);
      await v.page.reload();
      await v.opens();
      await v.frame.getByText("En qué te podemos ayudar").waitFor();
      await v.says("Hola");
      await v.sees("Hola");
      await v.settles();
      assert.deepEqual(own(await v.stored(await v.conversation())), ["Hola"], JSON.stringify(kept));
      assert.equal(await v.frame.evaluate(() => window.pwned), undefined);
    }
  });

  test("who knows a conversation's number neither reads it nor writes into it", async t => {
    const victim = await visit(t);
    await victim.opens();
    await victim.says("Un secreto");
    await victim.sees("Un secreto");
    const secret = await victim.conversation();
    const thief = await visit(t);
    await thief.opens();
    await thief.says("Soy otro");
    await thief.sees("Soy otro");
    const mine = await thief.conversation();
    await thief.keep({
      ...(await thief.kept()),
      conversation: secret,
      outbox: { x: { echo: "x", conversation: secret, content: "¿Qué dice aquí?", at: 1 } },
    });
    await thief.page.reload();
    await thief.opens();
    await thief.sees("¿Qué dice aquí?");
    await thief.settles();
    assert.equal(await thief.frame.getByText("Un secreto").count(), 0);
    assert.deepEqual(own(await thief.stored(mine)), ["Soy otro", "¿Qué dice aquí?"]);
    assert.deepEqual(own(await victim.stored(secret)), ["Un secreto"]);
  });

  test("files that are not what they say are refused with a reason or served as bytes to save, never run", async t => {
    const v = await visit(t);
    await v.opens();
    await v.says("Hola");
    await v.sees("Hola");
    const id = await v.conversation();
    const picker = v.frame.locator("input[type=file]");
    const send = async (name, mimeType, content) => {
      await picker.setInputFiles({ name, mimeType, buffer: Buffer.from(content) });
      await v.frame.locator(".files li").waitFor();
      await v.frame.getByRole("button", { name: "Enviar", exact: true }).click();
      await v.frame.locator(".files li").waitFor({ state: "detached" });
      await v.settles();
    };
    const program = Buffer.concat([
      Buffer.from("MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0", "latin1"),
      Buffer.alloc(2000),
    ]);
    for (const [name, type, content] of [
      ["foto.png", "image/png", program],
      ["pagina.html", "text/html", "<!doctype html><html><script>parent.pwned=1</script></html>"],
      ["pagina.png", "image/png", "<!doctype html><html><script>parent.pwned=1</script></html>"],
    ]) {
      await send(name, type, content);
      const refused = v.frame.locator(".failed");
      await refused.waitFor();
      const why = await refused.innerText();
      assert.match(why, /No se envió: .{10,}/, `${name}: ${why}`);
      assert.doesNotMatch(why, /attachments\[\]|undefined|\bMZ\b/);
      await v.frame.getByRole("button", { name: "Descartar" }).click();
      await refused.waitFor({ state: "detached" });
    }
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='pwned'"><script>document.title='pwned'</script></svg>`;
    const name = `"><img src=x onerror=parent.pwned=1> \u202egpj.svg`;
    await send(name, "image/svg+xml", svg);
    assert.equal(await v.frame.locator(".failed").count(), 0);
    const [file] = (await v.stored(id)).at(-1).attachments;
    const answer = await fetch(new URL(file.data_url, open.base));
    assert.match(answer.headers.get("content-disposition"), /^attachment/);
    assert.match(answer.headers.get("content-security-policy"), /sandbox/);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(await v.frame.locator(".bubble img, .entry img").count(), 0);
    assert.equal(await v.frame.evaluate(() => window.pwned ?? document.title.includes("pwned")), false);
  });

  test("a file that only the server finds too large is refused with a reason, and not sent for ever", async t => {
    const v = await visit(t, open, {
      prepare: v =>
        v.page.route("**/inboxes/people/widget*", async route => {
          const answer = await route.fetch();
          const limits = { files: 10, file_size: 1e9, total_size: 1e9 };
          await route.fulfill({ response: answer, json: { ...(await answer.json()), limits } });
        }),
    });
    await v.opens();
    await v.says("Hola");
    await v.sees("Hola");
    for (const size of [3e6, 30e6]) {
      await v.frame
        .locator("input[type=file]")
        .setInputFiles({ name: "enorme.txt", mimeType: "text/plain", buffer: Buffer.alloc(size, "a") });
      await v.frame.locator(".files li").waitFor();
      await v.frame.getByRole("button", { name: "Enviar", exact: true }).click();
      await v.frame.locator(".failed").waitFor();
      assert.match(await v.frame.locator(".failed").innerText(), /No se envió: .{10,}/);
      await v.frame.getByRole("button", { name: "Descartar" }).click();
      await v.frame.locator(".failed").waitFor({ state: "detached" });
    }
    await v.says("Sigo aquí");
    await v.sees("Sigo aquí");
    await v.settles();
  });
});
