import type { Kept } from "../shared/protocol";

/**
 * Keeps what must outlive the page in its own storage, no cookie needed. Where
 * storage is forbidden it lives as long as the page. `changed` hears of what
 * other tabs write.
 */
export function keeper(key: string, changed: (kept: Kept) => void) {
  let memory: Kept | undefined;

  const read = (): Kept | undefined => {
    try {
      memory = parse(localStorage.getItem(key)) ?? memory;
    } catch {} // memory it is
    return memory;
  };
  const write = (kept: Kept): Kept => {
    memory = kept;
    try {
      localStorage.setItem(key, JSON.stringify(kept));
    } catch {} // full or forbidden
    return kept;
  };
  const get = (): Kept => read() ?? write({ token: newToken() });

  window.addEventListener("storage", event => {
    const kept = event.key === key && parse(event.newValue);
    if (kept) {
      memory = kept;
      changed(kept);
    }
  });

  return {
    get,
    put: (change: Partial<Kept>) => write({ ...get(), ...change }),
    /** What is kept of somebody whom the server knows. */
    known: () => (read()?.known ? memory : undefined),
    forget: () => {
      memory = undefined;
      try {
        localStorage.removeItem(key);
      } catch {} // there is no storage to forget
    },
  };
}

function parse(text: string | null): Kept | undefined {
  try {
    const kept = JSON.parse(text ?? "");
    return /^[\w-]{20,99}$/.test(kept.token) ? kept : undefined;
  } catch {
    return undefined;
  }
}

// Pages without TLS have no randomUUID.
const newToken = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, "0")).join("");
