import en from "../texts/panel.en.json";
import es from "../texts/panel.es.json";

export type Key = keyof typeof en;
export type Texts = Record<Key, string>;
export type Language = "en" | "es";

/** The texts of the language that fits best: the wanted one, else the browser's. */
export function languageFor(wanted: string): { language: Language; texts: Texts } {
  const language = (wanted || navigator.language).toLowerCase().startsWith("es") ? "es" : "en";
  return { language, texts: language === "es" ? es : en };
}

/** A text with its places filled. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
