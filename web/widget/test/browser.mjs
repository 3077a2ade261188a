// What the tests and the command for pictures share: a real Chromium, and the
// API of a running server.
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

export const base = process.env.RELEVO_BASE ?? "http://127.0.0.1:8080";

/** How long a test waits for what has to happen, in ms: a loaded machine is slow, and never wrong for that. */
export const PATIENCE = 60_000;

const programs = [
  process.env.RELEVO_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Starts a browser with a profile of its own. */
export function launch() {
  const executablePath = programs.find(p => p && existsSync(p));
  if (!executablePath) throw new Error("there is no Chromium: apt-get install chromium, or name it in RELEVO_CHROMIUM");
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Calls the agents' API. */
export async function desk(path, body, method = body ? "POST" : "GET") {
  const answer = await fetch(`${base}/api/v1/accounts/1${path}`, {
    method,
    headers: { "Content-Type": "application/json", api_access_token: process.env.RELEVO_AGENT_TOKEN ?? "demo-agent" },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  const text = await answer.text();
  return text ? JSON.parse(text) : undefined;
}

/**
 * The page of a business at another origin, with a policy that forbids
 * everything but Relevo: no style, no picture, no script that is not ours.
 */
export async function strictHost(
  inbox,
  script = undefined,
  at = base, // where Relevo is reached
) {
  const tag = script ?? `<script async src="${at}/widget.js" data-inbox="${inbox}"></script>`;
  const policy = `default-src 'none'; script-src ${at}; frame-src ${at}; connect-src ${at}; require-trusted-types-for 'script'; trusted-types 'none'`;
  const server = createServer((req, res) => {
    if (req.url === "/favicon.ico") {
      res.statusCode = 204;
      return res.end();
    }
    res.setHeader("Content-Type", "text/html; charset=utf-8");
    res.setHeader("Content-Security-Policy", policy);
    res.end(
      `<!doctype html><html lang="es"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tienda</title><h1>Una tienda</h1><button id="fuera">Comprar</button>${tag}`,
    );
  });
  await new Promise(done => server.listen(0, "127.0.0.1", done));
  const address = `http://localhost:${server.address().port}/`; // another site than 127.0.0.1
  return { address, close: () => server.close() };
}

/** The frame of the panel, once it has drawn itself. */
export async function panelOf(page) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await page.waitForTimeout(50)) {
    const frame = page.frames().find(f => f.url().includes("/widget/frame"));
    if (
      frame &&
      (await frame
        .locator("textarea, .prechat, .list")
        .count()
        .catch(() => 0))
    )
      return frame;
  }
  throw new Error(`the panel did not open; there are ${page.frames().map(f => f.url())}`);
}

/** Opens the widget by its button, inside the closed shadow root. */
export async function openWidget(page) {
  await page.waitForFunction(() => window.relevo || window.$chatwoot);
  await page.evaluate(() => (window.relevo ? window.relevo.open() : window.$chatwoot.toggle("open")));
  return panelOf(page);
}
