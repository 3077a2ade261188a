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
  if (!inbox) console.warn("Relevo: data-inbox?");
  else
    whenThereIsAPage(() => {
      page.relevo = startWidget({
        ...(data as { position?: "left" | "right"; colorScheme?: Scheme }),
        hideLauncher: "hideLauncher" in data,
        ...given,
        inbox,
        base,
      });
      document.dispatchEvent(new CustomEvent("relevo:ready"));
    });
}
