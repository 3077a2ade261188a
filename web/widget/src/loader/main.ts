// The script that a business pastes into its pages:
//
//   <script async src="https://relevo.example/widget.js" data-inbox="tienda"></script>
//
// It leaves one global, `relevo`.
import type { Scheme } from "../shared/protocol";
import { type Settings, startWidget, type Widget } from "./widget";

const page = window as unknown as { relevo?: Widget; relevoSettings?: Partial<Settings> };
const script = document.currentScript as HTMLScriptElement | null;

function whenThereIsAPage(then: () => void): void {
  if (document.body) then();
  else document.addEventListener("DOMContentLoaded", then, { once: true });
}

if (!page.relevo) {
  const data = script?.dataset ?? {};
  const given = page.relevoSettings ?? {};
  const inbox = given.inbox ?? data.inbox;
  const base = given.base ?? (script ? new URL(script.src).origin : location.origin);
  if (!inbox) console.warn('Relevo: the script needs data-inbox="…"');
  else
    whenThereIsAPage(() => {
      page.relevo = startWidget({
        ...(data.locale && { locale: data.locale }),
        ...(data.position && { position: data.position as "left" | "right" }),
        ...(data.colorScheme && { colorScheme: data.colorScheme as Scheme }),
        ...(data.color && { color: data.color }),
        ...("hideLauncher" in data && { hideLauncher: true }),
        ...given,
        inbox,
        base,
      });
      document.dispatchEvent(new CustomEvent("relevo:ready"));
    });
}
