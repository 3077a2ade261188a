export const cross = "M6 6l12 12M18 6L6 18";

export function set(e: Element, attributes: Record<string, string>): void {
  for (const name in attributes) e.setAttribute(name, attributes[name] as string);
}

/** Makes an element without a text that a browser would read as code. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string>,
): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  set(e, attributes);
  return e;
}

export const button = (name: string) => element("button", { type: "button", class: name });

/** An icon of one path in a square of 24, drawn as lines or filled. */
export function icon(d: string, filled?: boolean): SVGElement {
  const make = (tag: string) => document.createElementNS("http://www.w3.org/2000/svg", tag) as SVGElement;
  const svg = make("svg");
  const path = make("path");
  set(svg, { viewBox: "0 0 24 24", "aria-hidden": "true", "stroke-width": "2", "stroke-linecap": "round" });
  set(svg, filled ? { fill: "currentColor" } : { fill: "none", stroke: "currentColor" });
  set(path, { d });
  svg.append(path);
  return svg;
}
