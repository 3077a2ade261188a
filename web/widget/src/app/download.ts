import type { Store } from "./store";
import { INCOMING, type Message } from "./types";

/** Saves the shown conversation as a text file on the visitor's device. */
export async function download(store: Store): Promise<void> {
  const id = store.state.current;
  if (!id) return;
  const all: Message[] = [];
  for (let after = 0; ; ) {
    const page = await store.api.messages(id, `?after=${after}`);
    all.push(...page);
    const last = page.at(-1);
    if (!last || page.length < 100) break;
    after = last.id;
  }
  const { inbox, texts, language } = store.state;
  const time = new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "short" });
  const lines = all.map(m => {
    const who = m.message_type === INCOMING ? texts.you : (m.sender?.name ?? inbox?.name ?? "");
    const files = (m.attachments ?? [])
      .map(a => `\n  [${a.file_name}] ${new URL(a.data_url, location.href).href}`)
      .join("");
    const said = m.content_attributes?.deleted ? texts.deleted : m.content;
    return `[${time.format(m.created_at * 1000)}] ${who}: ${said}${files}`;
  });
  const address = URL.createObjectURL(
    new Blob([`\ufeff${inbox?.name ?? ""} #${id}\n\n${lines.join("\n")}\n`], { type: "text/plain;charset=utf-8" }),
  );
  const link = document.createElement("a");
  link.href = address;
  link.download = `${inbox?.identifier ?? "chat"}-${id}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
