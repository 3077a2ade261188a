// A subset of Markdown as elements, never as HTML: what people and bots wrote
// is not trusted. Whatever is not understood stays as it is.
import type { ComponentChildren } from "preact";

type Piece = ComponentChildren;

const marks = [
  { mark: /`([^`\n]+)`/, show: (m: RegExpExecArray) => <code>{m[1]}</code> },
  {
    mark: /!?\[([^\]\n]{1,500})\]\(([^\s()]+(?:\([^\s()]*\)[^\s()]*)*)\)/,
    show: (m: RegExpExecArray) => link(m[2] ?? "", spans(m[1] ?? ""), m[0]),
  },
  {
    mark: /(?<![\p{L}\p{N}*])\*\*(?=\S)([^\n]*?\S)\*\*(?!\p{N})/u,
    show: (m: RegExpExecArray) => <strong>{spans(m[1] ?? "")}</strong>,
  },
  {
    mark: /(?<![\p{L}\p{N}_])__(?=\S)([^\n]*?\S)__(?![\p{L}\p{N}_])/u,
    show: (m: RegExpExecArray) => <strong>{spans(m[1] ?? "")}</strong>,
  },
  {
    mark: /(?<![\p{L}\p{N}*])\*(?=[^\s*])([^*\n]*?[^\s*])\*(?![\p{L}\p{N}*])/u,
    show: (m: RegExpExecArray) => <em>{spans(m[1] ?? "")}</em>,
  },
  {
    mark: /(?<![\p{L}\p{N}_])_(?=[^\s_])([^_\n]*?[^\s_])_(?![\p{L}\p{N}_])/u,
    show: (m: RegExpExecArray) => <em>{spans(m[1] ?? "")}</em>,
  },
  { mark: /~~(?=\S)([^\n]*?\S)~~/, show: (m: RegExpExecArray) => <del>{spans(m[1] ?? "")}</del> },
];

const links = [
  { mark: /https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]*_]/, show: (m: RegExpExecArray) => link(m[0], m[0], m[0]) },
  {
    mark: /(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+/,
    show: (m: RegExpExecArray) => link(`mailto:${m[0]}`, m[0], m[0]),
  },
];

const inline = [...marks, ...links];

/** The address where a link or picture may lead, seen from base; undefined where none may. */
export function safeAddress(address: string, base?: string): string | undefined {
  try {
    const url = new URL(address, base);
    return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

function link(address: string, shown: Piece, raw: string): Piece {
  const href = safeAddress(address);
  if (!href) return raw;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {shown}
    </a>
  );
}

/**
 * The text with its marks as elements. Each rule looks on from where it last
 * looked, so that a text full of marks costs little more than a plain one.
 */
function spans(text: string, wanted = inline): Piece[] {
  const out: Piece[] = [];
  const rules = wanted.map(({ mark, show }) => ({
    look: new RegExp(mark, `g${mark.flags}`),
    show,
    found: undefined as RegExpExecArray | null | undefined,
  }));
  for (let at = 0; ; ) {
    let first: (typeof rules)[number] | undefined;
    for (const rule of rules) {
      if (rule.found === undefined || (rule.found && rule.found.index < at)) {
        rule.look.lastIndex = at;
        rule.found = rule.look.exec(text);
      }
      if (rule.found && (!first?.found || rule.found.index < first.found.index)) first = rule;
    }
    if (!first?.found) return [...out, text.slice(at)];
    out.push(text.slice(at, first.found.index), first.show(first.found));
    at = first.found.index + first.found[0].length;
  }
}

const LONGEST = 10_000; // more is shown as it stands: no text may stall the page

const lines = (list: string[]) => list.flatMap((line, i) => (i ? [<br key={i} />, ...spans(line)] : spans(line)));

const asTyped = { whiteSpace: "pre-wrap" };

/**
 * A visitor's own words: every sign stands as it was typed, for an order
 * number or a password may hold any; addresses alone can be followed.
 */
export function Words({ text }: { text: string }) {
  if (text.length > LONGEST) return <p style={asTyped}>{text}</p>;
  return <p style={asTyped}>{spans(text.replace(/\r\n?/g, "\n"), links)}</p>;
}

/** A text of an agent or a bot, as blocks. */
export function Markdown({ text }: { text: string }) {
  if (text.length > LONGEST) return <p>{text}</p>;
  const blocks: Piece[] = [];
  for (const part of text.replace(/\r\n?/g, "\n").split(/(^```[^\n]*\n[\s\S]*?\n```$)/m)) {
    const code = /^```[^\n]*\n([\s\S]*?)\n```$/.exec(part);
    if (code) {
      blocks.push(<pre>{code[1]}</pre>);
      continue;
    }
    for (const paragraph of part.split(/\n{2,}/)) block(paragraph.replace(/^\n+|\n+$/g, ""), blocks);
  }
  return <>{blocks}</>;
}

const bullet = /^\s{0,3}[-*•]\s+/;
const numbered = /^\s{0,3}\d{1,3}[.)]\s+/;
const quoted = /^>\s?/;

function block(paragraph: string, blocks: Piece[]): void {
  let plain: string[] = [];
  const flush = () => {
    if (plain.some(l => l.trim())) blocks.push(<p>{lines(plain)}</p>);
    plain = [];
  };
  const all = paragraph.split("\n");
  for (let i = 0; i < all.length; i++) {
    const kind = [bullet, numbered, quoted].find(k => k.test(all[i] ?? ""));
    if (!kind) {
      plain.push((all[i] ?? "").replace(/^#{1,6}\s+/, ""));
      continue;
    }
    flush();
    const run: string[] = [];
    while (i < all.length && kind.test(all[i] ?? "")) run.push((all[i++] ?? "").replace(kind, ""));
    i--;
    if (kind === quoted) blocks.push(<blockquote>{lines(run)}</blockquote>);
    else {
      const items = run.map((item, n) => <li key={n}>{spans(item)}</li>);
      blocks.push(
        kind === bullet ? (
          <ul>{items}</ul>
        ) : (
          <ol start={Number.parseInt(all[i - run.length + 1] ?? "1", 10) || 1}>{items}</ol>
        ),
      );
    }
  }
  flush();
}
