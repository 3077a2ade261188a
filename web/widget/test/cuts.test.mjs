// The widget while networks are cut and the server is killed. Go says how a
// server is started: see cmd/relevo/widget_cuts_test.go.
import assert from "node:assert/strict";
import { after, before, describe, test as plainTest } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { launch, PATIENCE } from "./browser.mjs";
import { Network, Server } from "./server.mjs";
import { dice, Visitor } from "./visitor.mjs";

const [mortal, steady] = JSON.parse(process.env.RELEVO_SERVERS).map(s => new Server(s));
const CUTS = 100;
const LONG = 30_000; // ms that the long cuts last
let browser;

const test = (name, run) => plainTest(name, { timeout: 300_000 }, run);

before(async () => {
  browser = await launch();
  await Promise.all([mortal.start(), steady.start()]);
});
after(async () => {
  await browser?.close();
  await Promise.all([mortal.kill(), steady.kill()]);
});

/** A visitor behind a network that can be cut. */
async function behind(t, server, options = {}) {
  const network = await Network.before(server.base);
  t.after(() => network.close());
  const visitor = await Visitor.arrives(t, browser, server, { at: network.base, ...options });
  return { network, visitor };
}

const reply = (server, id, content) =>
  server.insist(`/api/v1/accounts/1/conversations/${id}/messages`, {
    content,
    message_type: "outgoing",
    echo_id: content,
  });

const by = (stored, type) => stored.filter(m => m.message_type === type).map(m => m.content);

/** Holds that what both sides said is stored once, in order, and shown so. */
async function whole(visitor, id, mine, theirs) {
  await visitor.settles();
  await visitor.sees(mine.at(-1));
  await visitor.sees(theirs.at(-1));
  const stored = await visitor.stored(id);
  assert.deepEqual(by(stored, 0), mine, "the visitor's words, as they are stored");
  assert.deepEqual(by(stored, 1), theirs, "the agents' words, as they are stored");
  assert.deepEqual(
    await visitor.shown(),
    stored.map(m => m.content),
    "what is shown",
  );
  assert.equal(await visitor.frame.locator(".failed").count(), 0);
}

/** In the panel: notes how long after its socket was lost the visitor was told. */
function watchOutages() {
  if (!location.pathname.startsWith("/widget/frame")) return;
  let lost = 0;
  const told = () => document.querySelector(".banner:not(.good)") !== null;
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", () => {
        window.connected = true;
      });
      this.addEventListener("close", () => {
        if (window.connected) {
          lost = performance.now();
          window.toldAfter = told() ? 0 : undefined; // what was sent may have found out first
        }
        window.connected = false;
      });
    }
  };
  new MutationObserver(() => {
    if (told()) window.toldAfter ??= performance.now() - lost;
  }).observe(document, { childList: true, subtree: true });
}

/** Kinds of cuts, as often as each stands here. */
const KINDS = { kill: 20, offline: 25, sockets: 20, everything: 15, answer: 20 };

describe("cuts", { concurrency: true }, () => {
  test("a hundred cuts and kills: nothing is lost, nothing is there twice, the order is kept, and each outage is told", async t => {
    const seed = Number(process.env.RELEVO_SEED || Date.now() % 1_000_000);
    t.diagnostic(`RELEVO_SEED=${seed}`);
    const random = dice(seed);
    const { network, visitor } = await behind(t, mortal, { prepare: v => v.context.addInitScript(watchOutages) });
    const frame = await visitor.opens();
    await visitor.says("empieza");
    await visitor.sees("empieza");
    const id = await visitor.conversation();

    const outages = []; // ms until the visitor was told
    const cut = {
      kill: async n => {
        const told = n % 2 === 0; // every other time the visitor is seen to be told before it is back
        if (told) await frame.waitForFunction(() => window.connected && !document.querySelector(".banner"));
        await mortal.kill();
        if (told) {
          await frame.locator(".banner").waitFor();
          outages.push(Math.round(await frame.evaluate(() => window.toldAfter)));
        }
        await mortal.start();
      },
      offline: async () => {
        await visitor.context.setOffline(true);
        await sleep(random() * 150);
        await visitor.context.setOffline(false);
      },
      sockets: async () => network.cut(true),
      everything: async () => network.cut(),
      answer: async () => {
        network.cutAfter = Math.floor(random() * 600);
      },
    };
    const deck = Object.entries(KINDS).flatMap(([kind, n]) => Array.from({ length: n }, (_, i) => [kind, i]));
    assert.equal(deck.length, CUTS);
    for (let i = deck.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [deck[i], deck[j]] = [deck[j], deck[i]];
    }

    const mine = ["empieza"];
    const theirs = [];
    let replies = Promise.resolve();
    const began = Date.now();
    for (const [n, [kind, nth]] of deck.entries()) {
      const word = `mía ${n}.`;
      const answer = `suya ${n}.`;
      const before = random() < 0.5;
      const broken = before ? cut[kind](nth) : undefined;
      mine.push(word);
      theirs.push(answer);
      await visitor.says(word);
      replies = replies.then(() => reply(mortal, id, answer));
      replies.catch(() => undefined);
      await sleep(random() * 60);
      await (broken ?? cut[kind](nth));
      if (random() < 0.3) await visitor.settles();
    }
    await replies;
    network.cutAfter = undefined;
    await whole(visitor, id, mine, theirs);
    t.diagnostic(
      `${CUTS} cuts in ${Math.round((Date.now() - began) / 1000)} s; told after at most ${Math.max(...outages)} ms (of ${outages.length} outages that lasted)`,
    );
    assert.equal(outages.length, KINDS.kill / 2);
    assert.ok(Math.max(...outages) < 1000, `an outage was told only after ${outages} ms`);
  });

  for (const [how, set] of [
    [
      "refuses everything",
      (network, on) => {
        network.down = on;
        if (on) network.cut();
      },
    ],
    ["is silent", (network, on) => network.silence(on)],
  ])
    test(`thirty seconds in which the network ${how}`, async t => {
      const { network, visitor } = await behind(t, steady);
      const frame = await visitor.opens();
      await visitor.says("antes");
      await visitor.sees("antes");
      const id = await visitor.conversation();
      set(network, true);
      const end = Date.now() + LONG;
      await visitor.says("durante 1");
      await frame.locator(".pending").waitFor();
      await reply(steady, id, "no la ves todavía");
      await visitor.says("durante 2");
      await frame.locator(".banner").waitFor();
      assert.equal(await frame.locator(".pending").count(), 2);
      assert.equal(await frame.locator(".failed").count(), 0);
      const tries = network.tries;
      await sleep(end - Date.now());
      if (network.down) assert.ok(network.tries > tries, "it tries again and again");
      set(network, false);
      await whole(visitor, id, ["antes", "durante 1", "durante 2"], ["no la ves todavía"]);
    });

  test("however long it takes, reconnecting is never given up", async t => {
    const { network, visitor } = await behind(t, steady, { prepare: v => v.page.clock.install() });
    await visitor.opens();
    await visitor.says("antes");
    await visitor.sees("antes");
    const id = await visitor.conversation();
    network.down = true;
    network.cut();
    await visitor.says("durante");
    await visitor.frame.locator(".banner").waitFor();
    for (let hour = 0; hour < 48; hour++) {
      const tries = network.tries;
      for (const end = Date.now() + PATIENCE; network.tries === tries; await sleep(20)) {
        assert.ok(Date.now() < end, `after ${hour} hours nothing is tried any more`);
        await visitor.page.clock.fastForward(hour ? "00:20" : 1000);
      }
      await visitor.page.clock.fastForward("01:00:00");
    }
    network.down = false;
    await reply(steady, id, "ya estás");
    const settled = visitor.settles();
    for (let done = false; !done; await sleep(50)) {
      await visitor.page.clock.fastForward("00:20");
      done = await visitor.frame.evaluate(() => !document.querySelector(".pending, .banner"));
    }
    await settled;
    await whole(visitor, id, ["antes", "durante"], ["ya estás"]);
  });

  test("words that wait outlive the page, and another tab that writes meanwhile", async t => {
    const { visitor } = await behind(t, steady);
    await visitor.opens();
    await visitor.says("Uno");
    await visitor.sees("Uno");
    const id = await visitor.conversation();
    await visitor.page.route("**/messages", route =>
      route.request().method() === "POST" ? route.abort() : route.continue(),
    );
    await visitor.says("Dos");
    await visitor.says("Tres");
    await visitor.frame.locator(".pending").nth(1).waitFor();

    const other = await visitor.anotherTab();
    await other.sees("Uno");
    await visitor.page.reload(); // it still sends nothing
    await visitor.opens();
    await other.says("Cuatro");
    await other.sees("Cuatro");
    await visitor.page.unroute("**/messages");
    await other.settles();
    await visitor.settles();
    const words = ["Uno", "Dos", "Tres", "Cuatro"];
    assert.deepEqual(by(await visitor.stored(id), 0), words);
    for (const tab of [visitor, other]) {
      await tab.sees("Cuatro");
      assert.deepEqual(await tab.shown(), words);
    }
    assert.deepEqual(Object.keys((await visitor.kept()).outbox), []);
  });

  test("a tab that has nothing to send leaves the words of another one alone", async t => {
    const { visitor } = await behind(t, steady);
    await visitor.opens();
    await visitor.says("Uno");
    await visitor.sees("Uno");
    const id = await visitor.conversation();
    const other = await visitor.anotherTab();
    await other.sees("Uno");
    await visitor.page.route("**/messages", route =>
      route.request().method() === "POST" ? route.abort() : route.continue(),
    );
    await visitor.says("Dos");
    await visitor.frame.locator(".pending").waitFor();
    await other.says("Tres");
    await other.sees("Tres");
    await visitor.page.close(); // and what it had to send is with the other one's page alone
    await other.page.reload();
    await other.opens();
    await other.sees("Dos");
    await other.settles();
    assert.deepEqual(by(await other.stored(id), 0).sort(), ["Dos", "Tres", "Uno"]);
  });

  test("who has said nothing yet is told of an outage, and of its end", async t => {
    const { visitor } = await behind(t, steady);
    await visitor.opens();
    await visitor.context.setOffline(true);
    await visitor.frame.locator(".banner").waitFor();
    await visitor.context.setOffline(false);
    await visitor.frame.locator(".banner").waitFor({ state: "detached" });
  });

  test("a panel that could not be loaded is loaded once the server is back", async t => {
    const { network, visitor } = await behind(t, steady);
    await visitor.page.waitForFunction(() => window.relevo);
    network.down = true;
    network.cut();
    await visitor.page.evaluate(() => window.relevo.open());
    const tries = network.tries;
    while (network.tries === tries) await sleep(20);
    network.down = false;
    await visitor.opens();
    await visitor.says("¡Por fin!");
    await visitor.sees("¡Por fin!");
    await visitor.settles();
  });
});
