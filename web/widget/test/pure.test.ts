import { describe, expect, test } from "vitest";
import { Refused } from "../src/app/api";
import { looksLikeEmail, typoHint } from "../src/app/email";
import { pause } from "../src/app/live";
import { Markdown, safeAddress, Words } from "../src/app/markdown";
import { refusedOf } from "../src/app/person";
import { awaits, begunBy, caughtUp, emptyThread, opened, refreshed, stored } from "../src/app/thread";
import type { Message } from "../src/app/types";
import { matches } from "../src/loader/campaigns";
import { inkOn, luminance } from "../src/shared/color";
import { withMore } from "../src/shared/protocol";

const message = (id: number, part: Partial<Message> = {}): Message => ({
  id,
  content: `m${id}`,
  message_type: 1,
  content_type: "text",
  content_attributes: {},
  created_at: id,
  conversation_id: 1,
  ...part,
});
const ids = (t: { list: Message[] }) => t.list.map(m => m.id);

describe("a thread", () => {
  test("one's own message beyond the cursor does not hide what comes between", () => {
    let t = opened([message(1), message(2)]);
    t = stored(t, message(5, { message_type: 0 }));
    expect(t.cursor).toBe(2);
    t = caughtUp(t, [message(3), message(4), message(5, { message_type: 0 })]);
    expect(ids(t)).toEqual([1, 2, 3, 4, 5]);
    expect(t.cursor).toBe(5);
  });
  test("the same page twice shows nothing twice", () => {
    const t = caughtUp(caughtUp(emptyThread, [message(1), message(2)]), [message(2), message(1)]);
    expect(ids(t)).toEqual([1, 2]);
  });
  test("a conversation is known up to the word that began it: what follows is news", () => {
    const page = [message(1), message(2, { message_type: 0, echo_id: "e" }), message(3)];
    expect([ids(begunBy("e", page)), begunBy("e", page).cursor]).toEqual([[1, 2], 2]);
    expect(begunBy("other", page).cursor).toBe(0);
    const known = opened(page);
    expect(begunBy("e", page, known)).toBe(known);
    expect(ids(begunBy("e", page, stored(emptyThread, message(3))))).toEqual([1, 2, 3]);
  });
  test("what is no longer there was deleted", () => {
    const t = refreshed(opened([message(1), message(2), message(3)]), 0, 4, [
      message(1, { content: "new" }),
      message(3),
    ]);
    expect(ids(t)).toEqual([1, 3]);
    expect(t.list[0]?.content).toBe("new");
  });
  test("choices wait until something is chosen or said", () => {
    const asked = message(1, { content_type: "input_select" });
    expect(awaits(opened([asked, message(2)]), asked)).toBe(true);
    expect(awaits(opened([asked, message(2, { message_type: 0 })]), asked)).toBe(false);
    const done = message(1, { content_attributes: { submitted_values: [] } });
    expect(awaits(opened([done]), done)).toBe(false);
  });
});

describe("an e-mail address", () => {
  test.each(["a@b.co", "ana.lopez+x@correo.ejemplo.mx", "x_y@sub-domain.example.com"])("%s is one", text =>
    expect(looksLikeEmail(text)).toBe(true),
  );
  test.each(["", "ana", "ana@", "ana.lópez@b.co", "@b.co", "a@b", "a b@c.es", "a@b..es", "a@@b.es", "<a@b.es>"])(
    "%s is none",
    text => expect(looksLikeEmail(text)).toBe(false),
  );
  test.each([
    ["ana@gmial.com", "ana@gmail.com"],
    ["ana@hotmal.com", "ana@hotmail.com"],
    ["Ana@yahoo.cmo", "ana@yahoo.com"],
    ["ana@gmail.con", "ana@gmail.com"],
  ])("%s was meant to be %s", (given, meant) => expect(typoHint(given)).toBe(meant));
  test.each(["ana@gmail.com", "ana@empresa.es", "ana@hotmail.es", "nada"])("%s needs no hint", text =>
    expect(typoHint(text)).toBeUndefined(),
  );
});

// What is drawn, as text: elements with their names, so that an attack shows.
type Node = { type: unknown; props: Record<string, unknown> } | string | number | null | undefined | boolean | Node[];
function drawn(n: Node): string {
  if (n === null || n === undefined || typeof n === "boolean") return "";
  if (typeof n !== "object") return String(n);
  if (Array.isArray(n)) return n.map(drawn).join("");
  const inside = drawn(n.props.children as Node);
  if (typeof n.type !== "string") return inside;
  const href = n.props.href ? ` ${n.props.href}` : "";
  return `<${n.type}${href}>${inside}</${n.type}>`;
}
const markdown = (text: string) => drawn(Markdown({ text }) as unknown as Node);

describe("what a page says of its visitor", () => {
  test("attributes add up, and nothing said of one person is said of another", () => {
    const ana = withMore({ identifier: "ana", email: "ana@b.example" }, { custom_attributes: { plan: "pro" } });
    expect(withMore(ana, { custom_attributes: { city: "CDMX" } })).toEqual({
      ...ana,
      custom_attributes: { plan: "pro", city: "CDMX" },
    });
    expect(withMore(ana, { identifier: "eva" })).toEqual({ identifier: "eva" });
  });
  const said = { name: "Ana", email: "n/a", identifier: "1", identifier_hash: "x" };
  test.each([
    [401, [], ["identifier", "identifier_hash"]],
    [422, ["email"], ["email"]],
    [422, ["identifier"], ["identifier", "identifier_hash"]],
    [400, [], ["identifier", "identifier_hash", "name", "email"]],
    [404, [], []],
    [429, ["email"], []],
    [503, [], []],
  ])("of what was said, %i with %j refuses %j", (status, fields, refused) =>
    expect(refusedOf(said, new Refused(status, "", "", 0, fields))).toEqual(refused),
  );
});

describe("Markdown", () => {
  test.each([
    ["hola", "<p>hola</p>"],
    ["**fuerte** y *suave*", "<p><strong>fuerte</strong> y <em>suave</em></p>"],
    ["uno\ndos", "<p>uno<br></br>dos</p>"],
    ["- a\n- b", "<ul><li>a</li><li>b</li></ul>"],
    ["antes\n1. a\n2. b\ndespués", "<p>antes</p><ol><li>a</li><li>b</li></ol><p>después</p>"],
    ["`a*b*c`", "<p><code>a*b*c</code></p>"],
    ["```js\n1 < 2 **x**\n```", "<pre>1 < 2 **x**</pre>"],
    ["[ver](https://a.example/x_(y))", "<p><a https://a.example/x_(y)>ver</a></p>"],
    ["mira https://a.example/?q=1.", "<p>mira <a https://a.example/?q=1>https://a.example/?q=1</a>.</p>"],
    ["ana_maria_lopez", "<p>ana_maria_lopez</p>"],
    ["2 * 3 * 4", "<p>2 * 3 * 4</p>"],
    ["mira 700*23*2 y 2**3**4", "<p>mira 700*23*2 y 2**3**4</p>"],
    ["(*suave*), **Precio:** 10", "<p>(<em>suave</em>), <strong>Precio:</strong> 10</p>"],
    ["de ana@b.example, sí", "<p>de <a mailto:ana@b.example>ana@b.example</a>, sí</p>"],
  ])("%j", (text, want) => expect(markdown(text)).toBe(want));

  test.each([
    "700*23*2",
    "*clave* __x__ `y` ~~z~~",
    "# 4521",
    "- uno\n- dos",
    "1) a",
    "> b",
    "<b>",
    "[x](https://a.example",
  ])("a visitor's own %j stands as it was typed", text =>
    expect(drawn(Words({ text }) as unknown as Node)).toContain(text.split("https")[0]),
  );
  test("addresses in a visitor's own words can be followed", () =>
    expect(drawn(Words({ text: "a https://a.example/x\nb" }) as unknown as Node)).toBe(
      "<p>a <a https://a.example/x>https://a.example/x</a>\nb</p>",
    ));

  test.each([
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,x)",
    "![x](javascript:alert(1))",
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[x](vbscript:x)",
    "javascript:alert(1)",
  ])("%s stays words", text => {
    expect(markdown(text)).not.toMatch(/<a|<script[^>]*><\/script>/);
    expect(markdown(text)).toContain(text.replace(/^!/, "").slice(0, 4));
  });
  test("no text stalls the page", () => {
    for (const part of ["**", "_a", "[", "[a](", "`", "*a ", "> ", "- ", "a@", "http://", "~~a", "a", "a."]) {
      const start = performance.now();
      markdown(part.repeat(Math.floor(10_000 / part.length)));
      expect(performance.now() - start, JSON.stringify(part)).toBeLessThan(1500);
    }
  });
  test.each(["javascript:1", "data:text/html,x", "file:///etc/passwd", "//x", "x"])("%s is no address for a link", a =>
    expect(safeAddress(a)).toBeUndefined(),
  );
});

describe("a campaign's page", () => {
  test.each([
    ["https://t.example/*", "https://t.example/a?b=1#c", true],
    ["https://t.example/precios", "https://t.example/precios/?utm=x", true],
    ["https://t.example/precios", "https://t.example/precios/caros", false],
    ["https://*.example/", "https://a.example", true],
    ["https://t.example/a.b", "https://t.example/aXb", false],
    ["https://t.example/?q=1", "https://t.example/?q=2", false],
    ["*", "http://localhost:1/", true],
  ])("%s on %s: %s", (pattern, address, want) => expect(matches(pattern, address)).toBe(want));
});

test("words on a colour can be read, whatever colour an inbox has", () => {
  for (const color of ["#000000", "#ffffff", "#1a56db", "#ffd400", "#7f7f7f", "#00a86b", "#c81e1e", "#777777"]) {
    const [a, b] = [luminance(color), luminance(inkOn(color))].sort((x, y) => y - x) as [number, number];
    expect((a + 0.05) / (b + 0.05), color).toBeGreaterThanOrEqual(4.5);
  }
});

test("who comes back waits longer each time, never longer than ten seconds", () => {
  expect([0, 1, 2, 3, 4, 5, 99].map(n => pause(n, 1))).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  expect(pause(0, 0)).toBe(250);
});
