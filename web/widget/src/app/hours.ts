import type { Key } from "./texts";
import type { Inbox } from "./types";

/** Whether nobody of the inbox is there now. */
export const isClosed = ({ open_now, opens_at }: Inbox, now = Date.now()): boolean =>
  !open_now && !(opens_at && opens_at * 1000 <= now);

/** A day in a zone, as a number that grows by one each day. */
function dayIn(zone: string, at: number): number {
  const [y, m, d] = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(at).split("-").map(Number);
  return Date.UTC(y as number, (m as number) - 1, d as number) / 86_400_000;
}

/** When a closed inbox opens again, in its own zone: the text, and what fills it. */
export function opening(
  { opens_at, timezone }: Inbox,
  language: string,
  now = Date.now(),
): [Key, Record<string, string>] {
  if (!opens_at) return ["closed", {}];
  const at = opens_at * 1000;
  const zone = timezone || "UTC";
  const say = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone: zone, ...options }).format(at);
  const time = say({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const days = dayIn(zone, at) - dayIn(zone, now);
  if (days <= 0) return ["opens_today", { time }];
  if (days === 1) return ["opens_tomorrow", { time }];
  const day = say(days < 7 ? { weekday: "long" } : { day: "numeric", month: "long" });
  return ["opens_later", { day, time }];
}
