import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Store } from "./store";
import { fill, type Key } from "./texts";

export const StoreContext = createContext<Store>(undefined as unknown as Store);

export const useStore = () => useContext(StoreContext);

/** Says a text in the visitor's language. */
export function useTexts(): (key: Key, values?: Record<string, string | number>) => string {
  const { texts } = useStore().state;
  return (key, values) => (values ? fill(texts[key], values) : texts[key]);
}
