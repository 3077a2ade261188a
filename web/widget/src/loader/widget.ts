import { DEFAULT_COLOR, inkOn, isColor } from "../shared/color";
import { letterOf, type Person, type Scheme, type ToLoader, type ToPanel, withMore } from "../shared/protocol";
import en from "../texts/loader.en.json";
import es from "../texts/loader.es.json";
import { type Campaign, startCampaigns } from "./campaigns";
import { button, cross, element, icon, set } from "./dom";
import { keeper } from "./kept";
import { sheet } from "./style";

export interface Settings {
  inbox: string;
  base: string;
  locale?: string;
  position?: "left" | "right";
  colorScheme?: Scheme;
  color?: string;
  hideLauncher?: boolean;
}

export type EventName = "ready" | "open" | "close" | "message" | "unread" | "failed";

/** What a page may do with the widget. */
export interface Widget {
  readonly isOpen: boolean;
  open(): void;
  close(): void;
  toggle(): void;
  /** Says who is signed in at the page; identifier counts with its hash alone. */
  identify(person: Person): void;
  /** Notes more on the visitor. */
  setAttributes(attributes: Record<string, unknown>): void;
  setLocale(locale: string): void;
  setColorScheme(scheme: Scheme): void;
  showLauncher(shown: boolean): void;
  /** Forgets the visitor, as when they sign out. */
  reset(): void;
  /** Takes the widget from the page. */
  destroy(): void;
  /** Hears of what happens; the answer ends it. */
  on(name: EventName, then: (detail?: unknown) => void): () => void;
}

/** What the loader reads of the inbox: its looks, and what it may say unasked. */
interface Looks {
  locale?: string;
  widget_color?: string;
  widget_position?: string;
  campaigns?: Campaign[];
}

const speech =
  "M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H10l-4.4 4.1a.4.4 0 0 1-.6-.3V16A2.5 2.5 0 0 1 4 13.5z";
const NARROW = "(max-width:480px)"; // as in the style sheet

/**
 * Puts the launcher on the page of the business, and the panel behind it in a
 * frame once it is needed: at the first click, or where a conversation runs.
 */
export function startWidget({
  inbox,
  base,
  locale,
  position,
  colorScheme = "auto",
  color,
  hideLauncher,
}: Settings): Widget {
  const root = document.documentElement;
  const host = element("div", { id: "relevo-widget" });
  const shadow = host.attachShadow({ mode: "closed" });
  const launcher = button("launcher");
  const badge = element("span", { class: "badge" });
  const listeners = new Set<[EventName, (detail?: unknown) => void]>();
  const storage = keeper(`relevo:${inbox}`, kept => tell({ type: "kept", kept }));
  const path = encodeURIComponent(inbox);
  let frame: HTMLIFrameElement | undefined;
  let greeted = false; // the panel has asked for what it begins with
  let person: Person | undefined;
  let unread = 0;
  let isOpen = false;
  let overflow = "";
  let campaign = 0; // that was clicked before the panel was there
  let stopCampaigns = () => {};

  const texts = () => ((locale || navigator.language).startsWith("es") ? es : en);

  const emit = (name: EventName, detail?: unknown) => {
    for (const [wanted, then] of [...listeners]) if (wanted === name) then(detail);
  };

  const label = () => {
    const t = texts();
    set(launcher, {
      "aria-expanded": `${isOpen}`,
      "aria-label": isOpen ? t.close : unread ? t.unread.replace("{count}", `${unread}`) : t.open,
    });
    if (frame) frame.title = t.panel;
  };

  const paint = (wanted: unknown, side = "") => {
    set(host, { "data-side": position ?? side });
    const c = isColor(wanted) ? wanted : DEFAULT_COLOR;
    host.style.setProperty("--c", c);
    host.style.setProperty("--i", inkOn(c));
  };

  const tell = (letter: ToPanel) => {
    if (greeted) frame?.contentWindow?.postMessage({ relevo: letter }, base);
  };

  const load = () => {
    if (frame) return;
    const f = element("iframe", { src: `${base}/widget/frame?inbox=${path}`, allow: "clipboard-write", hidden: "" });
    f.onload = () =>
      setTimeout(() => {
        if (!greeted) f.src += ""; // it could not be had
      }, 2000);
    frame = f;
    shadow.append(f);
    label();
  };

  const show = (open: boolean, focus = true) => {
    if (open === isOpen) return;
    isOpen = open;
    if (open) {
      load();
      stopCampaigns();
      overflow = root.style.overflow;
    }
    if (frame) frame.hidden = !open;
    host.toggleAttribute("data-open", open);
    label();
    root.style.overflow = open && matchMedia(NARROW).matches ? "hidden" : overflow;
    storage.put({ open });
    tell({ type: open ? "open" : "close" });
    if (focus) (open ? frame : launcher)?.focus();
    emit(open ? "open" : "close");
  };

  const count = (n: number) => {
    unread = n;
    badge.hidden = !n;
    badge.textContent = n > 9 ? "9+" : `${n}`;
    label();
    emit("unread", n);
  };

  const hear = ({ source, origin, data }: MessageEvent) => {
    if (!frame || source !== frame.contentWindow || origin !== base) return;
    const letter = letterOf<ToLoader>(data);
    switch (letter?.type) {
      case "hello":
        greeted = true;
        tell({
          type: "init",
          inbox,
          kept: storage.get(),
          locale: locale ?? "",
          scheme: colorScheme,
          open: isOpen,
          color,
          person,
          page: location.href,
        });
        if (campaign) tell({ type: "campaign", id: campaign });
        campaign = 0;
        break;
      case "close":
        show(false);
        break;
      case "keep":
        storage.put(letter.kept);
        break;
      case "outbox":
        storage.put({ outbox: { ...storage.get().outbox, ...letter.items } });
        break;
      case "unread":
        count(letter.count);
        break;
      case "message":
        emit("message", letter.message);
        break;
      case "another":
        beginAnew();
        break;
      case "failed":
        emit("failed", letter.code);
    }
  };

  /** Forgets the visitor, and begins as who is signed in now. */
  const beginAnew = () => {
    const open = isOpen;
    const signedIn = person;
    widget.reset();
    person = signedIn;
    if (open) show(true);
    else load();
  };

  /** Reads how the inbox looks. */
  const look = async () => {
    const kept = storage.known();
    try {
      const answer = await fetch(`${base}/public/api/v1/inboxes/${path}/widget`, { credentials: "omit" });
      if (answer.status === 404) return emit("failed", "not_found");
      const looks: Looks = await answer.json();
      locale ||= root.lang || looks.locale;
      paint(color ?? looks.widget_color, looks.widget_position);
      label();
      if (!kept)
        stopCampaigns = startCampaigns(shadow, looks.campaigns ?? [], texts().dismiss, id => {
          campaign = id;
          show(true);
          if (greeted) tell({ type: "campaign", id });
        });
    } catch {} // the panel says so when it is opened
    if (kept) {
      load(); // a conversation runs: its words are counted on the launcher
      if (kept.open && !matchMedia(NARROW).matches) show(true, false);
    }
    emit("ready");
  };

  const styles = new CSSStyleSheet();
  styles.replaceSync(sheet);
  shadow.adoptedStyleSheets = [styles];
  launcher.append(icon(speech, true), icon(cross), badge);
  launcher.hidden = !!hideLauncher;
  launcher.onclick = () => show(!isOpen);
  badge.hidden = true;
  shadow.append(launcher);
  paint(color);
  label();
  window.addEventListener("message", hear);
  document.body.append(host);
  void look();

  const widget: Widget = {
    get isOpen() {
      return isOpen;
    },
    open: () => show(true),
    close: () => show(false),
    toggle: () => show(!isOpen),
    identify: more => {
      person = withMore(person, more);
      tell({ type: "identify", person: more });
    },
    setAttributes: custom_attributes => widget.identify({ custom_attributes }),
    setLocale: wanted => {
      locale = wanted;
      label();
      tell({ type: "locale", locale });
    },
    setColorScheme: scheme => {
      colorScheme = scheme;
      tell({ type: "scheme", scheme });
    },
    showLauncher: shown => {
      launcher.hidden = !shown;
    },
    reset: () => {
      show(false);
      storage.forget();
      frame?.remove();
      frame = person = undefined;
      greeted = false;
      count(0);
    },
    destroy: () => {
      show(false);
      stopCampaigns();
      window.removeEventListener("message", hear);
      host.remove();
    },
    on: (name, then) => {
      const entry: [EventName, (detail?: unknown) => void] = [name, then];
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
  };
  return widget;
}
