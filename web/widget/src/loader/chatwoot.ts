// What pages load that were made for Chatwoot's snippet: they need to change
// nothing but the address.
import type { Person, Scheme } from "../shared/protocol";
import { type EventName, type Settings, startWidget, type Widget } from "./widget";

/** What pages set for Chatwoot before they run its script. */
interface ChatwootSettings {
  position?: "left" | "right";
  locale?: string;
  darkMode?: Scheme;
  hideMessageBubble?: boolean;
  baseDomain?: string;
}

interface ChatwootWindow {
  chatwootSDK?: unknown;
  chatwootSettings?: ChatwootSettings;
  $chatwoot?: unknown;
}

const names: Partial<Record<EventName, string>> = {
  ready: "chatwoot:ready",
  open: "chatwoot:opened",
  close: "chatwoot:closed",
  message: "chatwoot:on-message",
  failed: "chatwoot:error",
};

const page = window as unknown as ChatwootWindow;

page.chatwootSDK = {
  run: ({ websiteToken, baseUrl }: { websiteToken: string; baseUrl: string }) => {
    if (page.$chatwoot) return;
    const { locale, position, darkMode, hideMessageBubble } = page.chatwootSettings ?? {};
    const base = new URL(baseUrl).origin;
    const widget = startWidget({
      inbox: websiteToken,
      base,
      locale,
      position,
      colorScheme: darkMode,
      hideLauncher: hideMessageBubble,
    } as Settings);
    const known = face(widget);
    page.$chatwoot = known;
    widget.on("ready", () => {
      known.hasLoaded = true;
    });
    for (const name in names) {
      const theirs = names[name as EventName] as string;
      widget.on(name as EventName, detail => window.dispatchEvent(new CustomEvent(theirs, { detail })));
    }
  },
};

function face(widget: Widget) {
  return {
    hasLoaded: false,
    get isOpen() {
      return widget.isOpen;
    },
    toggle: (to?: "open" | "close") =>
      to === "open" ? widget.open() : to === "close" ? widget.close() : widget.toggle(),
    toggleBubbleVisibility: (to: "show" | "hide") => widget.showLauncher(to === "show"),
    setUser: (identifier: string | number, person: Person = {}) =>
      widget.identify({ ...person, identifier: String(identifier) }),
    setCustomAttributes: (attributes: Record<string, unknown> = {}) => widget.setAttributes(attributes),
    deleteCustomAttribute: (name: string) => widget.setAttributes({ [name]: null }),
    setLocale: (locale: string) => widget.setLocale(locale),
    setColorScheme: (scheme: Scheme) => widget.setColorScheme(scheme),
    reset: () => widget.reset(),
  };
}
