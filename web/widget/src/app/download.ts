import type { Store } from "./store";

/** Saves what was said, as the server writes it, on the visitor's device. */
export async function download(store: Store): Promise<void> {
  const { current, inbox } = store.state;
  if (!current) return;
  const page = await store.api.transcript(current);
  const address = URL.createObjectURL(new Blob([page], { type: "text/html;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${inbox?.identifier ?? "chat"}-${current}.html`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
