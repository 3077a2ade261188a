// The widget in a real browser, against a running server. Go starts both: see
// web/browser_test.go.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { base, desk, openWidget, panelOf } from "./browser.mjs";
import { accessible, answer, conversationOf, kept, say, shows, test, thread, visit } from "./visit.mjs";

test("nothing but the script and the inbox's looks is loaded before the widget is opened", async t => {
  const { page } = await visit(t);
  await page.waitForFunction(() => window.relevo);
  await page.waitForLoadState("networkidle");
  const asked = await page.evaluate(() => performance.getEntriesByType("resource").map(r => new URL(r.name).pathname));
  assert.deepEqual(asked.sort(), ["/public/api/v1/inboxes/people/widget", "/widget.js"]);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  assert.equal(await page.evaluate(() => document.cookie), "");
});

test("a whole conversation with the bot and with a person, to the next one", async t => {
  const { page } = await visit(t, "bot");
  const frame = await openWidget(page);
  await say(frame, "Hola, ¿a qué hora abren?");
  await shows(frame, "Bienvenida");
  await shows(frame, "Soy el asistente");
  await shows(frame, "A qué correo");
  await frame.getByText("Asistente virtual").waitFor();
  await say(frame, "lucia@example.com");
  await shows(frame, "Abrimos de lunes a viernes");
  await say(frame, "Quiero hablar con una persona");
  await shows(frame, "Te paso con una persona");
  await frame.getByText("Esperando a una persona").waitFor();

  const id = await conversationOf(page, "bot");
  await desk(`/conversations/${id}/toggle_typing_status`, { typing_status: "on" });
  await frame.locator(".typing").waitFor();
  await answer(id, "Hola **Lucía**, soy Ana.");
  await shows(frame, "soy Ana");
  assert.equal(await frame.locator(".bubble strong").innerText(), "Lucía");
  await frame.getByText("Te atiende Ana").waitFor();
  await frame.locator(".typing").waitFor({ state: "detached" });

  await desk(`/conversations/${id}/toggle_status`, { status: "resolved" });
  await frame.getByText("Esta conversación ha terminado").waitFor();
  await frame.getByRole("button", { name: "Nueva conversación" }).click();
  await frame.getByText("En qué te podemos ayudar").waitFor();
  await say(frame, "Otra cosa");
  await shows(frame, "Otra cosa");
  await frame.getByRole("button", { name: "Opciones" }).click();
  await frame.getByRole("menuitem", { name: "Tus conversaciones" }).click();
  await frame.locator(".list li").nth(1).waitFor(); // it began with "Otra cosa", which may be on its way
  assert.equal(await frame.locator(".list li").count(), 2);
  await frame.locator(".list li").nth(1).click();
  await shows(frame, "soy Ana");
});

test("choices are answered with one click, and go", async t => {
  const { page } = await visit(t);
  const frame = await openWidget(page);
  await say(frame, "Hola");
  const id = await conversationOf(page);
  await answer(id, "¿Qué talla?", {
    content_type: "input_select",
    content_attributes: {
      items: [
        { title: "Grande", value: "L" },
        { title: "Pequeña", value: "S" },
      ],
    },
  });
  await frame.getByRole("button", { name: "Grande" }).click();
  await frame.locator(".mine .bubble").getByText("Grande").waitFor();
  await frame.locator(".choices").waitFor({ state: "detached" });
  const asked = (await thread(page)).find(m => m.content_type === "input_select");
  assert.deepEqual(asked.content_attributes.submitted_values, [{ title: "Grande", value: "L" }]);
});

test("cards, articles and forms", async t => {
  const { page } = await visit(t);
  const frame = await openWidget(page);
  await say(frame, "Hola");
  const id = await conversationOf(page);
  await answer(id, "Mira:", {
    content_type: "cards",
    content_attributes: {
      items: [
        {
          title: "Urbana 3",
          description: "Tres marchas",
          actions: [
            { type: "link", text: "Ver", uri: "https://tienda.example/urbana" },
            { type: "link", text: "Malo", uri: "javascript:alert(1)" },
            { type: "postback", text: "La quiero", payload: "La quiero" },
          ],
        },
      ],
    },
  });
  assert.equal(await frame.getByRole("link", { name: "Ver" }).getAttribute("href"), "https://tienda.example/urbana");
  assert.equal(await frame.getByRole("link", { name: "Malo" }).count(), 0);
  await frame.getByRole("button", { name: "La quiero" }).click();
  await frame.locator(".mine .bubble").getByText("La quiero").waitFor();
  await answer(id, "Lee:", {
    content_type: "article",
    content_attributes: { items: [{ title: "Envíos", description: "Plazos", link: "https://tienda.example/envios" }] },
  });
  await frame.getByRole("link", { name: /Envíos/ }).waitFor();
  await answer(id, "Datos:", {
    content_type: "form",
    content_attributes: {
      items: [
        { name: "pedido", type: "text", label: "Pedido", required: true },
        { name: "talla", type: "select", label: "Talla", options: [{ label: "Grande", value: "L" }] },
      ],
    },
  });
  await frame.getByLabel("Talla").selectOption("L");
  await frame.locator("form .solid").click();
  await frame.getByText("Rellena este campo").waitFor();
  await frame.waitForFunction(() => document.activeElement.name === "pedido");
  await accessible(frame, "a form with a mistake");
  await frame.getByLabel("Pedido").fill("A-1");
  await frame.locator("form .solid").click();
  await frame.locator(".answers").getByText("A-1").waitFor();
  const form = (await thread(page)).find(m => m.content_type === "form");
  assert.deepEqual(form.content_attributes.submitted_values, [
    { name: "pedido", value: "A-1" },
    { name: "talla", value: "L" },
  ]);
});

test("the box for an e-mail: a wrong address is not taken, a mistyped one is pointed out, a right one is known", async t => {
  const { page } = await visit(t, "asks");
  const frame = await openWidget(page);
  await say(frame, "Hola");
  await shows(frame, "Déjanos tu correo");
  const box = frame.getByLabel("Tu correo electrónico");
  await box.fill("lucia@");
  await box.press("Enter");
  await frame.getByText("Escribe un correo electrónico válido").waitFor();
  await accessible(frame, "a wrong address");
  await box.fill("lucia@gmial.com");
  await frame.getByRole("button", { name: "¿Quisiste decir lucia@gmail.com?" }).click();
  await box.press("Enter");
  await frame.getByText("Te escribiremos a lucia@gmail.com").waitFor();
  await shows(frame, "¡Anotado!");
  const { meta } = await desk(`/conversations/${await conversationOf(page, "asks")}`);
  assert.equal(meta.sender.email, "lucia@gmail.com");
});

test("resolved: the visitor rates, comments, and saves what was said", async t => {
  const { page } = await visit(t, "asks");
  const frame = await openWidget(page);
  await say(frame, "Hola");
  const id = await conversationOf(page, "asks");
  await answer(id, "Ya está arreglado");
  await shows(frame, "Ya está arreglado");
  await desk(`/conversations/${id}/toggle_status`, { status: "resolved" });
  await shows(frame, "¿Cómo te atendimos?");
  await accessible(frame, "survey");
  await frame.getByRole("radio", { name: "Muy buena" }).check({ force: true });
  await frame.getByLabel("¿Quieres contarnos algo más?").fill("¡Gracias!");
  await accessible(frame, "survey, rated");
  await frame.getByRole("button", { name: "Enviar comentario" }).click();
  await frame.getByText("¡Gracias por tu respuesta!").waitFor();
  const asked = (await thread(page, "asks")).find(m => m.content_type === "input_csat");
  assert.deepEqual(asked.content_attributes.submitted_values, {
    csat_survey_response: { rating: 5, feedback_message: "¡Gracias!" },
  });
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    frame.getByRole("button", { name: "Descargar" }).click(),
  ]);
  assert.match(readFileSync(await file.path(), "utf8"), /Ya está arreglado/);
});

test("the form before the first word: mistakes are shown at their field, what is known is not asked again", async t => {
  const { page } = await visit(t, "form");
  const frame = await openWidget(page);
  await frame.getByText("Cuéntanos quién eres").waitFor();
  await frame.waitForFunction(() => document.activeElement.name === "fullName");
  await accessible(frame, "form");
  await frame.getByLabel("Nombre").fill("Lucía <script>");
  await frame.getByLabel("Correo").fill("lucia@example");
  await frame.getByLabel("Tema").selectOption("Taller");
  await frame.getByLabel("Pedido").fill("12");
  await frame.getByLabel("Mensaje").fill("Se rompió la cadena");
  await frame.getByRole("button", { name: "Iniciar la conversación" }).click();
  await frame.getByText("Escribe un correo electrónico válido").waitFor();
  await frame.getByText("Como A-12").waitFor();
  await accessible(frame, "form with mistakes");
  await frame.getByLabel("Correo").fill("lucia@example.com");
  await frame.getByLabel("Pedido").fill("A-7");
  await frame.getByRole("button", { name: "Iniciar la conversación" }).click();
  await shows(frame, "Se rompió la cadena");
  const id = await conversationOf(page, "form");
  const { meta, custom_attributes } = await desk(`/conversations/${id}`);
  assert.deepEqual([meta.sender.name, meta.sender.email], ["Lucía <script>", "lucia@example.com"]);
  assert.deepEqual(custom_attributes, { tema: "Taller", pedido: "A-7" });
  await desk(`/conversations/${id}/toggle_status`, { status: "resolved" });
  await frame.getByRole("button", { name: "Nueva conversación" }).click();
  await frame.getByLabel("Tema").waitFor();
  await frame.getByLabel("Correo").waitFor({ state: "detached" });
});

for (const colorScheme of ["light", "dark"])
  for (const locale of ["es", "en"])
    test(`the form before the first word is for everybody: ${colorScheme}, ${locale}`, async t => {
      const { page } = await visit(t, "form", { colorScheme });
      await page.waitForFunction(() => window.relevo);
      await page.evaluate(l => window.relevo.setLocale(l), locale);
      const frame = await openWidget(page);
      await frame.locator(".prechat").waitFor();
      await accessible(frame, "form");
      await frame.locator(".prechat button[type=submit]").click();
      await frame.locator("[aria-invalid=true]").first().waitFor();
      await frame.getByText(locale === "es" ? "Mensaje" : "Message").waitFor();
      await accessible(frame, "form with mistakes");
    });

test("scripts in the form before the first word are words, wherever they are shown", async t => {
  const { page } = await visit(t, "form");
  const frame = await openWidget(page);
  const evil = `"><img src=x onerror=window.pwned=1><script>window.pwned=1</script>{{7*7}}`;
  const send = () => frame.getByRole("button", { name: "Iniciar la conversación" }).click();
  await frame.getByLabel("Nombre").fill(evil);
  await frame.getByLabel("Correo").fill("<script>window.pwned=1</script>@example.com");
  await frame.getByLabel("Pedido").fill(evil);
  await frame.getByLabel("Mensaje").fill(evil);
  await send();
  await frame.getByText("Escribe un correo electrónico válido").waitFor();
  await frame.getByText("Como A-12").waitFor();
  // What the panel checks may be changed in the browser: the server checks it as well.
  await frame.getByLabel("Correo").fill("mala@example.com");
  await frame.getByLabel("Pedido").fill("A-7");
  await page.route("**/contacts/*/conversations", route => {
    const body = route.request().postDataJSON();
    if (!body) return route.continue();
    body.pre_chat = { ...body.pre_chat, emailAddress: "x@example.com<script>", tema: evil, pedido: evil };
    return route.continue({ postData: JSON.stringify(body) });
  });
  await send();
  for (const label of ["Correo", "Tema", "Pedido"])
    await frame.waitForFunction(
      l =>
        [...document.querySelectorAll(".prechat .field")].some(
          f => f.textContent.includes(l) && f.querySelector("[aria-invalid=true]"),
        ),
      label,
    );
  const { token } = await kept(page, "form");
  const list = `${base}/public/api/v1/inboxes/form/contacts/${token}/conversations`;
  assert.deepEqual(await (await fetch(list)).json(), [], "what is refused begins nothing");
  await page.unroute("**/contacts/*/conversations");
  await send();
  await frame.locator(".mine .bubble").getByText("<script>").waitFor();
  assert.equal(await frame.locator("main img, main script").count(), 0);
  assert.equal(await frame.evaluate(() => window.pwned), undefined);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  const { meta, custom_attributes } = await desk(`/conversations/${await conversationOf(page, "form")}`);
  assert.deepEqual([meta.sender.name, meta.sender.email], [evil, "mala@example.com"], "kept as written");
  assert.deepEqual(custom_attributes, { pedido: "A-7" });
});

test("an agent deletes a message, and it is gone", async t => {
  const { page } = await visit(t);
  const frame = await openWidget(page);
  await say(frame, "Hola");
  const id = await conversationOf(page);
  const sent = await answer(id, "Esto no era para ti");
  await shows(frame, "no era para ti");
  await desk(`/conversations/${id}/messages/${sent.id}`, undefined, "DELETE");
  await frame.locator(".log").getByText("no era para ti").waitFor({ state: "detached" });
});

test("files: chosen, pasted, dropped, sent with words; what is too large or forbidden is refused with a reason", async t => {
  const { page } = await visit(t);
  const frame = await openWidget(page);
  const picker = frame.locator("input[type=file]");
  await picker.setInputFiles({ name: "grande.txt", mimeType: "text/plain", buffer: Buffer.alloc(2_100_000, "a") });
  await frame.getByRole("alert").getByText("grande.txt").waitFor();
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==",
    "base64",
  );
  await picker.setInputFiles({ name: "bici <b>.png", mimeType: "image/png", buffer: png });
  await frame.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(["hola"], "notas.txt", { type: "text/plain" }));
    document
      .querySelector("textarea")
      .dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await frame.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(["adiós"], "soltado.txt", { type: "text/plain" }));
    for (const name of ["dragenter", "drop"])
      document.body.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await frame.locator(".files li").nth(2).waitFor();
  await say(frame, "Así está");
  await frame.locator(".picture img").waitFor();
  await frame.getByRole("link", { name: /notas\.txt/ }).waitFor();
  const [first] = await thread(page);
  assert.equal(first.content, "Así está");
  assert.deepEqual(
    first.attachments.map(a => a.file_type),
    ["image", "file", "file"],
  );
  await picker.setInputFiles({
    name: "foto.png",
    mimeType: "image/png",
    buffer: Buffer.from("<script>alert(1)</script>"),
  });
  await frame.getByRole("button", { name: "Enviar", exact: true }).click();
  await frame.locator(".failed").waitFor();
  await frame.getByRole("button", { name: "Descartar" }).click();
  await frame.locator(".failed").waitFor({ state: "detached" });
});

test("a hostile visitor's words, and an agent's, are shown as words", async t => {
  const { page } = await visit(t);
  const frame = await openWidget(page);
  const evil = `<img src=x onerror="parent.postMessage('pwned','*')"><script>window.pwned=1</script> [x](javascript:window.pwned=1)`;
  await say(frame, evil);
  await frame.locator(".mine .bubble").getByText("<script>").waitFor();
  const id = await conversationOf(page);
  await answer(id, `${evil} de vuelta`);
  await shows(frame, "de vuelta");
  assert.equal(await frame.locator(".bubble img, .bubble script, .bubble a[href^=javascript]").count(), 0);
  assert.equal(await frame.evaluate(() => window.pwned), undefined);
});

test("two tabs are in step, and what one writes is stored once", async t => {
  const { page, context, host } = await visit(t);
  const frame = await openWidget(page);
  await say(frame, "Primera");
  await shows(frame, "Primera");
  const other = await context.newPage();
  await other.goto(host.address);
  const second = await openWidget(other);
  await shows(second, "Primera");
  await say(second, "Segunda");
  await shows(frame, "Segunda");
  const id = await conversationOf(page);
  await answer(id, "Respuesta");
  await Promise.all([shows(frame, "Respuesta"), shows(second, "Respuesta")]);
  const words = (await thread(page)).map(m => m.content).filter(c => ["Primera", "Segunda", "Respuesta"].includes(c));
  assert.deepEqual(words, ["Primera", "Segunda", "Respuesta"]);
});

test("a tab that is opened while the first word is on its way begins no second conversation", async t => {
  const { page, context, host } = await visit(t);
  const frame = await openWidget(page);
  let answer; // lets the first tab hear what became of its word
  const answered = new Promise(done => {
    answer = done;
  });
  let began; // the second one begins as well
  const begins = new Promise(done => {
    began = done;
  });
  const started = "**/contacts/*/conversations";
  await page.route(started, async route => {
    if (route.request().method() !== "POST") return route.continue();
    const response = await route.fetch();
    await answered;
    return route.fulfill({ response });
  });
  await say(frame, "Primera");
  await frame.locator(".pending").waitFor();
  const other = await context.newPage();
  await other.route(started, async route => {
    if (route.request().method() !== "POST") return route.continue();
    began();
    await frame.locator(".mine:not(.pending)").waitFor();
    return route.continue();
  });
  await other.goto(host.address);
  const second = await openWidget(other);
  await begins;
  answer();
  for (const tab of [frame, second]) await tab.locator(".mine:not(.pending)").waitFor();
  await say(second, "Segunda");
  for (const tab of [frame, second]) await shows(tab, "Segunda");
  const { token } = await kept(page);
  const list = await (await fetch(`${base}/public/api/v1/inboxes/people/contacts/${token}/conversations`)).json();
  assert.equal(list.length, 1, "one word, one conversation");
  const words = (await thread(page)).filter(m => m.message_type === 0).map(m => m.content);
  assert.deepEqual(words, ["Primera", "Segunda"]);
});

test("closed, the launcher counts what is unread; opened, it was read", async t => {
  const { page } = await visit(t);
  const frame = await openWidget(page);
  await say(frame, "Hola");
  const id = await conversationOf(page);
  await page.evaluate(() => {
    window.counts = [];
    window.relevo.on("unread", n => window.counts.push(n));
    window.relevo.close();
  });
  await answer(id, "Uno");
  await answer(id, "Dos");
  await page.waitForFunction(() => window.counts.at(-1) === 2);
  await page.evaluate(() => window.relevo.open());
  await page.waitForFunction(() => window.counts.at(-1) === 0);
  await page.reload(); // and open again, as it was
  await page.waitForFunction(() => window.relevo);
  const again = await panelOf(page);
  await shows(again, "Dos");
  assert.equal(await page.evaluate(() => window.relevo.isOpen), true);
});

test("without a network nothing is lost: it is said, kept over a reload, and sent once, in order", async t => {
  const { page, context } = await visit(t);
  const frame = await openWidget(page);
  await say(frame, "Uno");
  await shows(frame, "Enviado");
  await frame.evaluate(() => {
    addEventListener("offline", () => {
      const cut = performance.now();
      const look = () => {
        if (document.querySelector(".banner")) window.toldAfter ??= performance.now() - cut;
      };
      look();
      new MutationObserver(look).observe(document, { childList: true, subtree: true });
    });
  });
  await context.setOffline(true);
  await frame.locator(".banner").waitFor();
  await frame.waitForFunction(() => window.toldAfter < 1000); // it is said within a second
  await say(frame, "Dos");
  await say(frame, "Tres");
  await frame.locator(".pending").nth(1).waitFor();
  await context.setOffline(false);
  await frame.locator(".pending").first().waitFor({ state: "detached" });
  await frame.locator(".banner").waitFor({ state: "detached" });
  await frame.waitForFunction(() => document.querySelectorAll(".pending").length === 0);
  const words = (await thread(page)).filter(m => m.message_type === 0).map(m => m.content);
  assert.deepEqual(words, ["Uno", "Dos", "Tres"]);
});

test("answers that are cut off are asked for again: nothing is stored twice, the order is kept", async t => {
  const { page } = await visit(t);
  const frame = await openWidget(page);
  let n = 0;
  await page.route(/\/(messages|conversations)$/, async route => {
    if (route.request().method() !== "POST") return route.continue();
    n++;
    if (n % 3 === 1) return route.abort(); // it never arrived
    if (n % 3 === 2) {
      await route.fetch(); // it arrived, and the answer was lost
      return route.abort();
    }
    return route.continue();
  });
  const words = Array.from({ length: 6 }, (_, i) => `palabra ${i}`);
  for (const w of words) await say(frame, w);
  await frame.waitForFunction(() => document.querySelectorAll(".mine:not(.pending)").length === 6, undefined, {
    timeout: 60_000,
  });
  assert.deepEqual(
    (await thread(page)).filter(m => m.message_type === 0).map(m => m.content),
    words,
  );
});

test("by keyboard alone: opened, written, closed, and back where one was", async t => {
  const { page } = await visit(t);
  await page.waitForFunction(() => window.relevo);
  await page.locator("#fuera").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const frame = await panelOf(page);
  await frame.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
  await page.keyboard.type("Con el teclado");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("dos líneas: áéíóúñ¿€");
  await page.keyboard.press("Enter");
  await shows(frame, "áéíóúñ¿€");
  await page.keyboard.press("Escape"); // the panel tells the page, which takes a moment
  await page.waitForFunction(() => window.relevo.isOpen === false && document.activeElement.id === "relevo-widget");
});

for (const scheme of ["light", "dark"]) {
  for (const locale of ["es", "en"]) {
    test(`axe-core finds nothing: ${scheme}, ${locale}`, async t => {
      const { page } = await visit(t, "people", { colorScheme: scheme });
      await page.waitForFunction(() => window.relevo);
      await page.evaluate(l => window.relevo.setLocale(l), locale);
      const frame = await openWidget(page);
      await accessible(frame, "welcome");
      await say(frame, "Hola");
      const id = await conversationOf(page);
      await answer(id, "¿Qué **talla**? [enlace](https://a.example)", {
        content_type: "input_select",
        content_attributes: { items: [{ title: "Grande", value: "L" }] },
      });
      await frame.locator(".choices button").waitFor();
      await accessible(frame, "conversation");
      await frame.locator(".menu > button").click();
      await accessible(frame, "menu");
      await page.keyboard.press("Escape");
      await desk(`/conversations/${id}/toggle_status`, { status: "resolved" });
      await frame.locator(".ended").waitFor();
      await accessible(frame, "resolved");
      await frame.locator(".menu > button").click();
      await frame.getByRole("menuitem").first().click();
      await frame.locator(".list").waitFor();
      await accessible(frame, "list");
      assert.equal(await frame.evaluate(() => document.documentElement.lang), locale);
    });
  }
}

test("pages that were made for Chatwoot's script need another address, and nothing else", async t => {
  const { page } = await visit(t, "people", { script: `<script src="${base}/packs/js/sdk.js"></script>` });
  await page.waitForFunction(() => window.chatwootSDK);
  await page.evaluate(base => {
    window.heard = [];
    for (const name of ["ready", "opened", "closed", "on-message"])
      window.addEventListener(`chatwoot:${name}`, () => window.heard.push(name));
    window.chatwootSettings = { locale: "es", position: "left" };
    window.chatwootSDK.run({ websiteToken: "people", baseUrl: base });
  }, base);
  await page.waitForFunction(() => window.$chatwoot?.hasLoaded);
  await page.evaluate(() => {
    window.$chatwoot.setUser("42", { name: "Lucía", email: "lucia@example.com" });
    window.$chatwoot.setCustomAttributes({ plan: "pro" });
  });
  const frame = await openWidget(page);
  await say(frame, "Hola");
  const id = await conversationOf(page);
  await answer(id, "Hola, Lucía");
  await page.waitForFunction(() => window.heard.includes("on-message"));
  const { meta } = await desk(`/conversations/${id}`);
  assert.equal(meta.sender.name, "Lucía");
  assert.equal(meta.sender.email, "lucia@example.com");
  assert.equal(meta.sender.custom_attributes.plan, "pro");
  await page.evaluate(() => window.$chatwoot.toggle("close"));
  assert.deepEqual(await page.evaluate(() => window.heard.filter(n => n !== "on-message")), [
    "ready",
    "opened",
    "closed",
  ]);
  await page.evaluate(() => window.$chatwoot.reset());
  assert.equal(await page.evaluate(() => localStorage.length), 0);
});

test("on a phone the panel fills the screen", async t => {
  const { page } = await visit(t, "people", { viewport: { width: 375, height: 700 } });
  const frame = await openWidget(page);
  const size = await frame.evaluate(() => [innerWidth, innerHeight]);
  assert.deepEqual(size, [375, 700]);
  await accessible(frame, "phone");
});

test("another visitor's conversation does not open", async t => {
  const { page } = await visit(t);
  const frame = await openWidget(page);
  await say(frame, "Un secreto");
  await shows(frame, "Enviado");
  const id = await conversationOf(page);
  const { page: thief } = await visit(t);
  await thief.waitForFunction(() => window.relevo);
  await thief.evaluate(
    id =>
      localStorage.setItem(
        "relevo:people",
        JSON.stringify({ token: "0123456789abcdef0123456789abcdef", known: true, conversation: id }),
      ),
    id,
  );
  await thief.reload();
  const theirs = await openWidget(thief);
  await theirs.getByText("En qué te podemos ayudar").waitFor();
  assert.equal(await theirs.getByText("Un secreto").count(), 0);
});
