// Takes the pictures of docs/images from a demonstration of its own: make
// pictures. Small, because they lie in git.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
const port = process.env.PORT ?? "18990";
process.env.RELEVO_BASE = `http://127.0.0.1:${port}`;
const { base, desk, launch, openWidget } = await import("./browser.mjs");

const folder = mkdtempSync(join(tmpdir(), "relevo-pictures-"));
const server = spawn(join(root, "bin", "relevo"), ["serve", "--demo"], {
  cwd: folder,
  env: { ...process.env, PORT: port },
  stdio: "ignore",
});
const browser = await launch();

async function ready() {
  for (let i = 0; i < 100; i++) {
    if (
      await fetch(`${base}/readyz`).then(
        r => r.ok,
        () => false,
      )
    )
      return;
    await new Promise(done => setTimeout(done, 100));
  }
  throw new Error("the demonstration does not start");
}

async function scene(name, { path = "/", clip, ...options }, play) {
  const context = await browser.newContext({ locale: "es-ES", reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  await page.goto(base + path);
  const frame = await openWidget(page);
  await play(frame, page);
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(root, "docs", "images", `widget-${name}.png`), clip });
  await context.close();
}

const say = async (frame, text, answer) => {
  await frame.locator("textarea").fill(text);
  await frame.locator("textarea").press("Enter");
  if (answer) await frame.locator(".log").getByText(answer).first().waitFor();
};

async function askForPerson(frame) {
  await say(frame, "Hola, ¿a qué hora abren?", "A qué correo");
  await say(frame, "lucia@example.com", "Abrimos de lunes");
  await say(frame, "Quiero hablar con una persona", "Te paso con una persona");
}

async function talk(frame, page) {
  await askForPerson(frame);
  const { token } = await page.evaluate(() => JSON.parse(localStorage.getItem("relevo:demo")));
  const list = await (await fetch(`${base}/public/api/v1/inboxes/demo/contacts/${token}/conversations`)).json();
  const id = list[0].id;
  await desk(`/conversations/${id}/messages`, { content: "¡Hola, Lucía! Soy Diego. ¿En qué te ayudo?" });
  await frame.locator(".log").getByText("Soy Diego").waitFor();
  return id;
}

async function resolved(frame, page) {
  const id = await talk(frame, page);
  await desk(`/conversations/${id}/toggle_status`, { status: "resolved" });
  await frame.locator(".ended").waitFor();
}

async function offer(frame, page) {
  const id = await talk(frame, page);
  await desk(`/conversations/${id}/messages`, {
    content: "¿Cuál de las dos quieres probar?",
    content_type: "input_select",
    content_attributes: {
      items: [
        { title: "Urbana 3", value: "u" },
        { title: "Ruta Norte", value: "r" },
      ],
    },
  });
  await frame.locator(".choices").waitFor();
}

try {
  await ready();
  const wide = { viewport: { width: 900, height: 700 } };
  const panel = { ...wide, clip: { x: 470, y: 0, width: 430, height: 700 } };
  await scene("waiting", panel, async frame => {
    await askForPerson(frame); // before anybody has answered, nobody is there
    await frame.getByText("Eres el siguiente de la fila").waitFor();
  });
  await scene("welcome", wide, async () => undefined);
  await scene("conversation", wide, offer);
  await scene("dark", { ...wide, colorScheme: "dark" }, offer);
  await scene("mobile", { viewport: { width: 375, height: 700 }, isMobile: true }, offer);
  await scene("ended", wide, resolved);
  await scene("prechat", { ...panel, path: "/contacto" }, async frame => {
    await frame.getByLabel("Nombre").fill("Lucía Gómez");
    await frame.getByLabel("Correo").fill("lucia@gmial.com");
    await frame.getByLabel("Tema").selectOption("Taller");
  });
  await scene("survey", panel, async (frame, page) => {
    await resolved(frame, page);
    await frame.getByRole("radio", { name: "Muy buena" }).check({ force: true });
    await frame.getByLabel("¿Quieres contarnos algo más?").fill("¡Qué rápidos!");
  });
} finally {
  await browser.close();
  server.kill();
  await new Promise(done => server.on("exit", done));
  rmSync(folder, { recursive: true, force: true });
}
