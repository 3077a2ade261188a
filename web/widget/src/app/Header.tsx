import { useEffect, useRef, useState } from "preact/hooks";
import { useStore, useTexts } from "./context";
import { useHolder } from "./Holder";
import { Icon } from "./icons";
import { safeAddress } from "./markdown";

/** Who one talks to, and what can be done with the conversation. */
export function Header() {
  const store = useStore();
  const t = useTexts();
  const { inbox, view, phase } = store.state;
  const list = view === "list";
  const { text, picture } = useHolder();
  const face = picture && safeAddress(picture, location.href);
  return (
    <header class="head">
      {list ? (
        <button type="button" class="round" aria-label={t("back")} onClick={() => store.set({ view: "chat" })}>
          <Icon name="back" />
        </button>
      ) : (
        <span class="face" aria-hidden="true">
          {face ? <img src={face} alt="" /> : initial(inbox?.name)}
        </span>
      )}
      <div class="who">
        <h1>{list ? t("conversations") : inbox?.name}</h1>
        {!list && phase === "ready" && <p>{text}</p>}
      </div>
      {!list && phase === "ready" && <Menu />}
      <button type="button" class="round" aria-label={t("close")} onClick={() => store.close()}>
        <Icon name="close" />
      </button>
    </header>
  );
}

const initial = (name = "") => Array.from(name.trim())[0]?.toUpperCase() ?? "";

function Menu() {
  const store = useStore();
  const t = useTexts();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const { silent, conversations, current } = store.state;

  useEffect(() => {
    if (!open) return;
    box.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const away = (e: Event) => !box.current?.contains(e.target as Node) && setOpen(false);
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);

  const keys = (e: KeyboardEvent) => {
    if (!open) return;
    const items = [...(box.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[e.key];
    if (e.key === "Escape" || e.key === "Tab") {
      setOpen(false);
      if (e.key === "Escape") box.current?.querySelector("button")?.focus();
    } else if (to === undefined) return;
    else items.at(to % items.length)?.focus();
    if (e.key !== "Tab") e.preventDefault();
  };
  const item = (icon: Parameters<typeof Icon>[0]["name"], label: string, act: () => void) => (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      onClick={() => {
        setOpen(false);
        act();
      }}
    >
      <Icon name={icon} />
      {label}
    </button>
  );

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its buttons are what acts, the keys are theirs
    <div class="menu" ref={box} onKeyDown={keys}>
      <button
        type="button"
        class="round"
        aria-label={t("menu")}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </button>
      {open && (
        <div role="menu" aria-label={t("menu")}>
          {conversations.length > 0 && item("list", t("conversations"), () => store.set({ view: "list" }))}
          {current && item("plus", t("start"), () => void store.session.anew())}
          {item(silent ? "sound" : "silent", t(silent ? "sound_on" : "sound_off"), () => store.mute(!silent))}
        </div>
      )}
    </div>
  );
}
