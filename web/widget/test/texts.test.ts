import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
// @ts-expect-error a part of the build
import { checkTexts } from "../texts.mjs";

function folder(files: Record<string, object>): string {
  const dir = mkdtempSync(join(tmpdir(), "texts-"));
  for (const [name, texts] of Object.entries(files)) writeFileSync(join(dir, name), JSON.stringify(texts));
  return dir;
}

test("a text that one language lacks ends the build", () => {
  expect(() => checkTexts(folder({ "p.en.json": { a: "A", b: "B" }, "p.es.json": { a: "A" } }))).toThrow(
    "p.es.json lacks b",
  );
  expect(() => checkTexts(folder({ "p.en.json": { a: "A" }, "p.es.json": { a: " " } }))).toThrow("p.es.json lacks a");
  expect(() => checkTexts(folder({ "p.en.json": { a: "{name}" }, "p.es.json": { a: "{nombre}" } }))).toThrow(
    "other places",
  );
  expect(() => checkTexts(folder({ "p.en.json": { a: "A" } }))).toThrow("only one language");
});

test("Spanish and English are complete", () => {
  checkTexts(join(__dirname, "..", "src", "texts"));
});
