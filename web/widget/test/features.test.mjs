// Whole conversations in a real browser. The inboxes are those of
// cmd/relevo/widget_features_test.go.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { base, desk, openWidget, PATIENCE } from "./browser.mjs";
import { accessible, answer, conversationOf, kept, say, shows, test, visit } from "./visit.mjs";

const hash = identifier => createHmac("sha256", process.env.RELEVO_HMAC_SECRET).update(identifier).digest("hex");

/** The agent whose token the tests have. */
async function me() {
  const headers = { api_access_token: process.env.RELEVO_AGENT_TOKEN };
  return (await fetch(`${base}/api/v1/profile`, { headers })).json();
}

/** Talks to the bot up to its first answer. */
async function greet(frame, email = "lucia@example.com") {
  await say(frame, "Hola");
  await shows(frame, "A qué correo");
  await say(frame, email);
  await frame.getByRole("button", { name: "Mi pedido" }).waitFor();
}

test("a whole conversation: e-mail, quick replies, slots, handoff, agent, resolved, survey, transcript, earlier conversations", async t => {
  await emptyLine();
  const { page } = await visit(t, "whole");
  await page.waitForFunction(() => document.querySelector("#relevo-widget")?.dataset.side === "left");
  const frame = await openWidget(page);
  await frame.getByRole("heading", { name: "Bienvenida a la tienda" }).waitFor();
  await say(frame, "Hola");
  await shows(frame, "¡Bienvenida, bienvenido!");
  await shows(frame, "A qué correo");
  await say(frame, "lucia@");
  await shows(frame, "no parece");
  await say(frame, "lucia@example.com");
  await frame.getByRole("button", { name: "Mi pedido" }).click();
  await frame.locator(".mine .bubble").getByText("Mi pedido").waitFor();
  await shows(frame, /número de tu pedido|número de pedido/);
  await say(frame, "A-1234");
  await shows(frame, "pedido A-1234");
  await frame.locator(".head").getByText("Asistente virtual").waitFor();
  await say(frame, "Quiero hablar con una persona");
  await frame.locator(".head").getByText("Esperando a una persona").waitFor();
  await frame.getByText("Eres el siguiente de la fila").waitFor();

  const id = await conversationOf(page, "whole");
  await answer(id, "solo para nosotros", { private: true });
  await answer(id, "Tu pedido sale hoy, Lucía.");
  await shows(frame, "sale hoy");
  await frame.locator(".head").getByText("Te atiende Ana").waitFor();
  assert.equal(await frame.getByText("solo para nosotros").count(), 0);
  await desk(`/conversations/${id}/toggle_status`, { status: "resolved" });
  await shows(frame, "¿Cómo te atendimos?");
  await frame.getByRole("radio", { name: "Muy buena" }).check({ force: true });
  await frame.getByLabel("¿Quieres contarnos algo más?").fill("¡Rápidos!");
  await frame.getByRole("button", { name: "Enviar comentario" }).click();
  await frame.getByText("¡Gracias por tu respuesta!").waitFor();
  await frame.getByRole("button", { name: "Enviarme una copia" }).click();
  await frame.locator(".banner").getByText("La transcripción ha sido enviada").waitFor();
  await frame.getByRole("button", { name: "Nueva conversación" }).click();
  await say(frame, "Otra cosa");
  await shows(frame, "Otra cosa");
  await frame.getByRole("button", { name: "Opciones" }).click();
  await frame.getByRole("menuitem", { name: "Tus conversaciones" }).click();
  await frame.locator(".list li").nth(1).click();
  await shows(frame, "sale hoy");
});

/** Nobody waits any more. */
async function emptyLine() {
  const { data } = await desk("/conversations?status=open");
  for (const c of data.payload) await desk(`/conversations/${c.id}/toggle_status`, { status: "resolved" });
}

test("asks for a person, waits in line, goes back to the bot; who has an agent does not", async t => {
  await emptyLine();
  const { page } = await visit(t, "whole");
  const frame = await openWidget(page);
  await greet(frame, "fila@example.com");
  await accessible(frame, "with the bot");
  await page.route("**/talk_to_person", route => route.fulfill({ status: 500, body: "" }), { times: 1 });
  await frame.getByRole("button", { name: "Hablar con una persona" }).click();
  await frame.locator(".banner:not(.good)").getByText("No se pudo guardar").waitFor();
  await frame.getByRole("button", { name: "Hablar con una persona" }).click();
  await frame.locator(".banner").waitFor({ state: "detached" });
  await frame.getByText("Eres el siguiente de la fila").waitFor();
  await accessible(frame, "waiting");

  const { page: second } = await visit(t, "whole");
  const theirs = await openWidget(second);
  await greet(theirs, "segunda@example.com");
  await theirs.getByRole("button", { name: "Hablar con una persona" }).click();
  await theirs.getByText("Eres el número 2 de la fila").waitFor();

  await frame.getByRole("button", { name: "Volver con el asistente" }).click();
  await frame.locator(".head").getByText("Asistente virtual").waitFor();
  const id = await conversationOf(page, "whole");
  const lines = (await desk(`/conversations/${id}/messages`)).payload
    .filter(m => m.message_type === 2)
    .map(m => m.content);
  assert.ok(lines.some(l => l.endsWith("pidió hablar con una persona")));
  assert.ok(lines.some(l => l.includes("dejó de esperar a una persona")));

  const other = await conversationOf(second, "whole");
  const { id: ana } = await me();
  await desk(`/conversations/${other}/assignments`, { assignee_id: ana });
  await theirs.locator(".head").getByText("Te atiende Ana").waitFor();
  assert.equal(await theirs.getByRole("button", { name: "Volver con el asistente" }).count(), 0);
  await desk(`/conversations/${other}/toggle_status`, { status: "resolved" });
});

test("where it is not offered there is no button", async t => {
  const { page } = await visit(t, "silent");
  const frame = await openWidget(page);
  await greet(frame, "nada@example.com");
  assert.equal(await frame.locator(".desk").count(), 0);
});

for (const colorScheme of ["light", "dark"]) {
  for (const locale of ["es", "en"]) {
    test(`closed, waiting and survey are for everybody: ${colorScheme}, ${locale}`, async t => {
      const { page } = await visit(t, "whole", { colorScheme, viewport: { width: 400, height: 700 } });
      await page.waitForFunction(() => window.relevo);
      await page.evaluate(l => window.relevo.setLocale(l), locale);
      const frame = await openWidget(page);
      await greet(frame, "todos@example.com");
      await frame.locator(".desk button").click();
      await frame.locator(".desk [role=status]").waitFor();
      await accessible(frame, "waiting");
      const id = await conversationOf(page, "whole");
      await answer(id, "Hola");
      await desk(`/conversations/${id}/toggle_status`, { status: "resolved" });
      await frame.locator(".rates").waitFor();
      await accessible(frame, "survey");
      const { page: late } = await visit(t, "closed", { colorScheme });
      await late.waitForFunction(() => window.relevo);
      await late.evaluate(l => window.relevo.setLocale(l), locale);
      const shut = await openWidget(late);
      await shut
        .locator(".closed")
        .getByText(locale === "es" ? /^Abrimos el \p{L}+ a las 09:00/u : /^We open on \w+ at 09:00/)
        .waitFor();
      await accessible(shut, "closed");
    });
  }
}

test("a campaign is shown on its page, followed by a click, and answered", async t => {
  const { page, host } = await visit(t, "offers");
  const { payload: inboxes } = await desk("/inboxes");
  const { id: ana } = await me();
  await desk("/campaigns", {
    inbox_id: inboxes.find(i => i.website_token === "offers").id,
    title: "Rebajas",
    message: "¿Buscas algo en las rebajas?",
    sender_id: ana,
    trigger_rules: { url: `${host.address}rebajas*`, time_on_page: 0 },
    enabled: true,
  });
  await page.goto(`${host.address}rebajas`);
  const name = "¿Buscas algo en las rebajas?";
  // The bubble stands in a closed shadow root, where only a pointer and a keyboard come.
  await page.waitForFunction(() => window.relevo);
  await page.waitForTimeout(300);
  await page.locator("#fuera").focus();
  await page.keyboard.press("Tab"); // the launcher
  await page.keyboard.press("Tab"); // the message
  await page.keyboard.press("Enter");
  const frame = await openWidget(page);
  await shows(frame, name);
  await say(frame, "Sí, una Urbana");
  await shows(frame, "Sí, una Urbana");
  const id = await conversationOf(page, "offers");
  const thread = (await desk(`/conversations/${id}/messages`)).payload.map(m => m.content);
  assert.ok(thread.includes(name));
  const shown = await desk(`/conversations/${id}`);
  assert.equal(shown.meta.assignee?.name, "Ana", "who sent it has it");
  await page.evaluate(() => window.relevo.reset());
  const elsewhere = page;
  await elsewhere.goto(`${host.address}taller`);
  await elsewhere.waitForFunction(() => window.relevo);
  await elsewhere.locator("#fuera").focus();
  await elsewhere.keyboard.press("Tab");
  await elsewhere.keyboard.press("Tab");
  assert.equal(await elsewhere.evaluate(() => document.activeElement.id), "");
});

test("a campaign waits for its time on the page", async t => {
  const { page, host } = await visit(t, "offers");
  const { payload: inboxes } = await desk("/inboxes");
  await desk("/campaigns", {
    inbox_id: inboxes.find(i => i.website_token === "offers").id,
    title: "Indecisos",
    message: "¿Te ayudamos a decidir?",
    trigger_rules: { url: `${host.address}indecisos*`, time_on_page: 3600 },
    enabled: true,
  });
  const next = async () => {
    await page.locator("#fuera").focus();
    await page.keyboard.press("Tab"); // the launcher
    await page.keyboard.press("Tab"); // the message, where there is one
    return page.evaluate(() => document.activeElement.id);
  };
  await page.clock.install();
  await page.goto(`${host.address}indecisos`);
  await page.waitForFunction(() => document.querySelector("#relevo-widget")?.dataset.side); // the inbox's looks are there
  for (const minutes of [0, 50]) {
    await page.clock.fastForward(60_000 * minutes);
    assert.equal(await next(), "", `after ${minutes} minutes`);
  }
  await page.clock.fastForward(60_000 * 15);
  assert.equal(await next(), "relevo-widget");
  await page.keyboard.press("Enter");
  await shows(await openWidget(page), "¿Te ayudamos a decidir?");
});

test("the transcript goes to the address that is typed in the panel", async t => {
  const { page } = await visit(t, "known");
  const frame = await openWidget(page);
  await say(frame, "¿Me mandan esto?");
  await shows(frame, "Enviado");
  const id = await conversationOf(page, "known");
  await answer(id, "Con gusto.");
  await desk(`/conversations/${id}/toggle_status`, { status: "resolved" });
  await frame.getByRole("button", { name: "Enviarme una copia" }).click();
  const box = frame.locator(".ended input[type=email]");
  await box.fill("tecleada@");
  await box.press("Enter");
  await frame.locator(".ended .wrong").getByText("correo").waitFor();
  await box.fill("tecleada@example.com");
  await box.press("Enter");
  await frame.locator(".banner").getByText("La transcripción ha sido enviada").waitFor();
  assert.equal((await desk(`/conversations/${id}`)).meta.sender.email, "tecleada@example.com");
});

test("who is signed in has their own conversations: another person, nobody, and somebody with a forged hash", async t => {
  const { page } = await visit(t, "known");
  await page.waitForFunction(() => window.relevo);
  const sign = (identifier, identifier_hash) =>
    page.evaluate(person => window.relevo.identify(person), { identifier, identifier_hash, name: identifier });
  await sign("lucia-1", hash("lucia-1"));
  let frame = await openWidget(page);
  await say(frame, "Soy Lucía");
  await shows(frame, "Enviado");
  const id = await conversationOf(page, "known");
  const contact = (await desk(`/conversations/${id}`)).meta.sender;
  assert.equal(contact.identifier, "lucia-1");

  await page.evaluate(() => window.relevo.reset());
  assert.equal(await kept(page, "known"), null);
  frame = await openWidget(page);
  await frame.getByText("En qué te podemos ayudar").waitFor();
  assert.equal(await frame.getByText("Soy Lucía").count(), 0);

  await page.evaluate(() => {
    window.failures = [];
    window.relevo.on("failed", code => window.failures.push(code));
  });
  await sign("omar-2", "0".repeat(64));
  await page.waitForFunction(() => window.failures.length > 0);
  assert.deepEqual(await page.evaluate(() => window.failures), ["unauthenticated"]);
  await page.evaluate(() => window.relevo.reset());

  frame = await openWidget(page);
  await sign("omar-2", hash("omar-2"));
  await say(frame, "Soy Omar");
  await shows(frame, "Enviado");
  const omar = (await desk(`/conversations/${await conversationOf(page, "known")}`)).meta.sender;
  assert.equal(omar.identifier, "omar-2");
  assert.notEqual(omar.id, contact.id);
  assert.equal(await frame.getByText("Soy Lucía").count(), 0);

  const { token } = await kept(page, "known");
  await sign("eva-3", hash("eva-3")); // the page forgot to say that Omar signed out
  await page.waitForFunction(was => JSON.parse(localStorage.getItem("relevo:known") ?? "{}").token !== was, token);
  frame = await openWidget(page);
  await say(frame, "Soy Eva");
  await shows(frame, "Enviado");
  assert.equal(await frame.getByText("Soy Omar").count(), 0);
  const eva = (await desk(`/conversations/${await conversationOf(page, "known")}`)).meta.sender;
  assert.equal(eva.identifier, "eva-3");
  assert.equal((await desk(`/contacts/${omar.id}`)).payload.identifier, "omar-2");
});

test("what a page says wrong of its visitor keeps no word back, and what it says in pieces arrives whole", async t => {
  const { page } = await visit(t, "known");
  await page.waitForFunction(() => window.relevo);
  await page.evaluate(() => {
    window.failures = [];
    window.relevo.on("failed", code => window.failures.push(code));
    window.relevo.identify({ name: "Ana", email: "n/a" });
    window.relevo.setAttributes({ plan: "pro" });
    window.relevo.setAttributes({ city: "CDMX" });
  });
  const frame = await openWidget(page);
  const meanwhile = async route => {
    await page.evaluate(() => window.relevo.identify({ phone_number: "+34600111222" })); // while it is asked who they are
    await route.continue();
  };
  await page.route("**/contacts", meanwhile, { times: 1 });
  await say(frame, "mira 700*23*2 y *esto*");
  await shows(frame, "mira 700*23*2 y *esto*");
  await shows(frame, "Enviado");
  assert.deepEqual(await page.evaluate(() => window.failures), ["invalid"]);
  const id = await conversationOf(page, "known");
  const sender = async () => (await desk(`/conversations/${id}`)).meta.sender;
  const arrives = async (what, is) => {
    for (const end = Date.now() + PATIENCE; Date.now() < end; await page.waitForTimeout(50))
      if (is(await sender())) return;
    throw new Error(`${what} did not arrive: ${JSON.stringify(await sender())}`);
  };
  await arrives("what was said meanwhile", s => s.phone_number === "+34600111222");
  const { name, email, custom_attributes } = await sender();
  assert.equal(name, "Ana");
  assert.ok(!email);
  assert.deepEqual(custom_attributes, { plan: "pro", city: "CDMX" });

  await page.evaluate(() => window.relevo.close());
  await page.reload();
  await page.waitForFunction(() => window.relevo);
  await page.evaluate(() => window.relevo.setAttributes({ later: "yes" })); // before the panel is there
  await arrives("what was said of who comes back", s => s.custom_attributes.later === "yes");
});

test("a page that is not allowed shows no panel, nor does one that names another inbox", async t => {
  const { page } = await visit(t, "people", { script: "", expected: /frame-ancestors/ });
  const tried = await page.evaluate(async base => {
    const frame = document.createElement("iframe");
    frame.src = `${base}/widget/frame?inbox=narrow`;
    const loaded = new Promise(done => frame.addEventListener("load", done));
    document.body.append(frame);
    await loaded;
    let hello = false;
    addEventListener("message", e => {
      if (e.data?.relevo) hello = true;
    });
    await new Promise(done => setTimeout(done, 500));
    return hello;
  }, base);
  assert.equal(tried, false);
  const policy = (await fetch(`${base}/widget/frame?inbox=narrow`)).headers.get("content-security-policy");
  assert.match(policy, /frame-ancestors 'self' tienda\.example$/);

  await page.evaluate(base => {
    const frame = document.createElement("iframe");
    frame.id = "fremd";
    frame.src = `${base}/widget/frame?inbox=known`;
    addEventListener("message", e => {
      if (e.data?.relevo?.type !== "hello") return;
      const kept = { token: "0123456789abcdef0123456789abcdef" };
      const init = { type: "init", inbox: "narrow", kept, locale: "es", scheme: "light", open: true, page: "" };
      frame.contentWindow.postMessage({ relevo: init }, base);
      window.sent = true;
    });
    document.body.append(frame);
  }, base);
  await page.waitForFunction(() => window.sent);
  await page.waitForTimeout(300);
  const frame = page.frames().find(f => f.url().includes("inbox=known"));
  assert.equal(await frame.locator("main").count(), 0);
});

test("what is hostile is shown as it was written: words, names, files, an agent's too", async t => {
  const evil = `"><img src=x onerror=window.pwned=1><script>window.pwned=1</script>`;
  const { page } = await visit(t, "known");
  await page.waitForFunction(() => window.relevo);
  await page.evaluate(name => window.relevo.identify({ name }), evil);
  const frame = await openWidget(page);
  await say(frame, evil);
  await frame.locator(".mine .bubble").getByText("<script>").waitFor();
  await frame.locator("input[type=file]").setInputFiles({
    name: `${evil.replaceAll("/", "")}.txt`,
    mimeType: "text/html",
    buffer: Buffer.from("<script>parent.pwned=1</script>"),
  });
  await frame.getByRole("button", { name: "Enviar", exact: true }).click();
  const id = await conversationOf(page, "known");
  await answer(id, `javascript:alert(1) [x](javascript:alert(1)) ${evil} fin`);
  await shows(frame, "fin");
  await frame.locator(".entry.mine .chip, .failed").first().waitFor();
  assert.equal(await frame.locator(".log img, .log script, .log a[href^=javascript]").count(), 0);
  assert.equal(await frame.evaluate(() => window.pwned), undefined);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  const stored = await desk(`/conversations/${id}`);
  assert.ok(stored.meta.sender.name.includes("<img"), "it is kept as written");
});

test("sound can be switched off, and stays off; the page may be read from right to left; nothing moves for whom that is too much", async t => {
  const { page } = await visit(t, "known");
  const frame = await openWidget(page);
  await frame.getByRole("button", { name: "Opciones" }).click();
  await frame.getByRole("menuitem", { name: "Silenciar" }).click();
  assert.equal((await kept(page, "known")).silent, true);
  await frame.getByRole("button", { name: "Opciones" }).click();
  await frame.getByRole("menuitem", { name: "Activar el sonido" }).waitFor();
  await page.keyboard.press("Escape");
  await say(frame, "Hola");
  await shows(frame, "Hola");
  assert.equal(await frame.evaluate(() => getComputedStyle(document.querySelector(".entry")).animationName), "none");
  const side = () =>
    frame.evaluate(() => {
      const { left, right } = document.querySelector(".mine .bubble").getBoundingClientRect();
      return left + right > innerWidth ? "right" : "left";
    });
  assert.equal(await side(), "right");
  await frame.evaluate(() => {
    document.documentElement.dir = "rtl";
  });
  assert.equal(await side(), "left");
  assert.ok(await frame.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});
