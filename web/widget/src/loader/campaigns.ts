import { button, cross, element, icon } from "./dom";

/** A message of the inbox to visitors who have not talked yet. */
export interface Campaign {
  id: number;
  message: string;
  trigger_rules?: { url?: string; time_on_page?: number };
  sender?: { name?: string } | null;
}

/**
 * Whether an address is one that a pattern means: `*` stands for anything. The
 * query and a slash at the end do not count unless the pattern names them.
 */
export function matches(pattern: string, address: string): boolean {
  const bare = (text: string) => text.replace(/#.*$/, "").replace(/\/$/, "");
  const given = bare(pattern.includes("?") ? address : address.replace(/\?[^#]*/, ""));
  const source = bare(pattern)
    .split("*")
    .map(part => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${source}$`).test(given);
}

/** Shows, above the launcher, the first campaign whose page and time have come. The answer ends it. */
export function startCampaigns(
  root: ShadowRoot,
  list: Campaign[],
  dismiss: string,
  follow: (id: number) => void,
): () => void {
  const bubble = element("div", { class: "bubble", role: "status" });
  const show = ({ id, message, sender }: Campaign) => {
    if (bubble.isConnected) return;
    const say = button("say");
    const off = button("off");
    const name = element("b", {});
    name.textContent = sender?.name ?? "";
    say.append(name, message);
    say.onclick = () => follow(id);
    off.ariaLabel = dismiss;
    off.append(icon(cross));
    off.onclick = stop;
    bubble.append(say, off);
    root.append(bubble);
  };
  const timers = list
    .filter(c => matches(c.trigger_rules?.url || "*", location.href))
    .map(c => setTimeout(() => show(c), 1000 * (c.trigger_rules?.time_on_page ?? 0)));
  const stop = () => {
    timers.forEach(clearTimeout);
    bubble.remove();
  };
  return stop;
}
