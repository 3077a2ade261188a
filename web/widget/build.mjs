// Builds the widget into ../dist: loader.js, which pages of others include
// (sdk.js, where they were made for Chatwoot), and frame.html with its hashed assets, which the loader opens. Beside each
// file lies its gzip. With "--if-changed" nothing is done when dist is newer
// than everything that it is made from.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { checkTexts } from "./texts.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "..", "dist");

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
}

function upToDate() {
  let built;
  try {
    built = statSync(join(dist, "built")).mtimeMs;
  } catch {
    return false;
  }
  const sources = [
    ...filesUnder(join(here, "src")),
    join(here, "build.mjs"),
    join(here, "texts.mjs"),
    join(here, "package.json"),
    join(here, "..", "package-lock.json"),
  ];
  return sources.every(file => statSync(file).mtimeMs < built);
}

async function bundle() {
  const { build } = await import("vite");
  const common = { root: join(here, "src"), configFile: false, logLevel: "warn", publicDir: false };
  const oxc = { jsx: { runtime: "automatic", importSource: "preact" } };
  // The launcher's styles are a text to the minifier, which leaves their lines alone.
  const oneLine = {
    name: "one-line",
    transform: (code, id) => (id.endsWith("loader/style.ts") ? code.replace(/([{};])\n/g, "$1") : undefined),
  };
  for (const [entry, name] of [
    ["loader/main.ts", "loader.js"],
    ["loader/chatwoot.ts", "sdk.js"],
  ]) {
    const lib = { entry: join(here, "src", entry), formats: ["iife"], name: "RelevoLoader", fileName: () => name };
    const out = { outDir: dist, emptyOutDir: false, target: "es2022", lib };
    await build({ ...common, plugins: [oneLine], build: out });
  }
  await build({
    ...common,
    base: "/widget/",
    oxc,
    build: {
      outDir: dist,
      emptyOutDir: false,
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: false,
      rollupOptions: { input: join(here, "src", "frame.html") },
    },
  });
}

checkTexts(join(here, "src", "texts"));
if (process.argv.includes("--if-changed") && upToDate()) {
  process.exit(0);
}
for (const name of readdirSync(dist)) {
  if (name !== "README") rmSync(join(dist, name), { recursive: true });
}
await bundle();
for (const file of filesUnder(dist)) {
  if (!file.endsWith("README")) writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
}
writeFileSync(join(dist, "built"), "");
