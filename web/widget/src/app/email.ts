/** Whether a text can be an e-mail address; the server has the last word. */
export const looksLikeEmail = (text: string) =>
  /^[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@([a-z0-9\p{L}-]+\.)+[a-z\p{L}]{2,}$/iu.test(text.trim()) && text.trim().length <= 254;

const common = [
  "gmail.com",
  "hotmail.com",
  "hotmail.es",
  "outlook.com",
  "outlook.es",
  "yahoo.com",
  "yahoo.es",
  "yahoo.com.mx",
  "icloud.com",
  "live.com",
  "proton.me",
  "protonmail.com",
  "aol.com",
  "telefonica.net",
  "prodigy.net.mx",
];

/** Steps from one word to another: a letter more, less, another, or two swapped. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      let least = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] && i > 1 && j > 1)
        least = Math.min(least, at(i - 2, j - 2) + 1);
      (rows[i] as number[])[j] = least;
    }
  }
  return at(a.length, b.length);
}

/** The address that was probably meant, if it looks mistyped. */
export function typoHint(text: string): string | undefined {
  const [, user, host] = /^(.+)@([^@]+)$/.exec(text.trim().toLowerCase()) ?? [];
  if (!user || !host || common.includes(host)) return undefined;
  const near = common.filter(c => distance(host, c) === 1);
  return near.length === 1 || near[0] ? `${user}@${near[0]}` : undefined;
}
