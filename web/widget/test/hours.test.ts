import { expect, test } from "vitest";
import { isClosed, opening } from "../src/app/hours";
import type { Inbox } from "../src/app/types";

const inbox = (opens: string | null, timezone = "America/Mexico_City") =>
  ({ open_now: false, opens_at: opens && Date.parse(opens) / 1000, timezone }) as Inbox;

test("when a closed inbox opens is said in its own zone, not in the visitor's", () => {
  const sunday = Date.parse("2026-11-23T05:00:00Z"); // 23:00 on Sunday in Mexico
  const say = (opens: string | null, language = "es") => opening(inbox(opens), language, sunday);
  expect(say("2026-11-23T15:00:00Z")).toEqual(["opens_tomorrow", { time: "09:00" }]);
  expect(say("2026-11-23T05:30:00Z")).toEqual(["opens_today", { time: "23:30" }]);
  expect(say("2026-11-25T15:00:00Z")).toEqual(["opens_later", { day: "miércoles", time: "09:00" }]);
  expect(say("2026-11-25T15:00:00Z", "en")).toEqual(["opens_later", { day: "Wednesday", time: "09:00" }]);
  expect(say("2026-12-09T15:00:00Z")).toEqual(["opens_later", { day: "9 de diciembre", time: "09:00" }]);
  expect(say(null)).toEqual(["closed", {}]);
  expect(opening(inbox("2026-11-23T06:00:00Z", "Europe/Madrid"), "es", sunday)).toEqual([
    "opens_today",
    { time: "07:00" },
  ]);
});

test("what opens meanwhile is closed no longer", () => {
  const opens = Date.parse("2026-11-23T15:00:00Z");
  expect(isClosed(inbox("2026-11-23T15:00:00Z"), opens - 1)).toBe(true);
  expect(isClosed(inbox("2026-11-23T15:00:00Z"), opens)).toBe(false);
  expect(isClosed({ ...inbox(null), open_now: true })).toBe(false);
});
