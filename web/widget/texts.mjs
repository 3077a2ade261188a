// Every text that a visitor reads stands in src/texts, one file a language. A
// key that one of them lacks ends the build.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const places = text =>
  [...text.matchAll(/\{(\w+)\}/g)]
    .map(m => m[1])
    .sort()
    .join();

export function checkTexts(folder) {
  const languages = readdirSync(folder).filter(name => name.endsWith(".json"));
  const catalogues = languages.map(name => ({ name, texts: JSON.parse(readFileSync(join(folder, name), "utf8")) }));
  const problems = [];
  for (const prefix of new Set(languages.map(name => name.replace(/\.\w+\.json$/, "")))) {
    const group = catalogues.filter(c => c.name.startsWith(`${prefix}.`));
    const keys = new Set(group.flatMap(c => Object.keys(c.texts)));
    for (const { name, texts } of group) {
      for (const key of keys) {
        if (!texts[key]?.trim()) problems.push(`${name} lacks ${key}`);
        else if (places(texts[key]) !== places(group[0].texts[key] ?? ""))
          problems.push(`${name}: ${key} names other places than ${group[0].name}`);
      }
    }
    if (group.length < 2) problems.push(`${prefix}: there is only one language`);
  }
  if (problems.length > 0) throw new Error(`texts:\n  ${problems.join("\n  ")}`);
}
