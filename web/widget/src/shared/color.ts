/** The colour of an inbox that names none. */
export const DEFAULT_COLOR = "#1a56db";

const channel = (hex: string, at: number) => {
  const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
};

/** Relative luminance of "#rrggbb", as WCAG defines it. */
export const luminance = (hex: string) =>
  0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5);

export const isColor = (text: unknown): text is string => /^#[0-9a-f]{6}$/i.test(text as string);

/** Black or white, whichever reads better on a colour. */
export const inkOn = (hex: string) => (luminance(hex) > 0.179 ? "#000000" : "#ffffff");
