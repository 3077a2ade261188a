import type { Person } from "../shared/protocol";
import type { Refused } from "./api";

const IDENTITY: (keyof Person)[] = ["identifier", "identifier_hash"];
const FIELDS: (keyof Person)[] = [...IDENTITY, "name", "email", "phone_number", "custom_attributes"];

/** What the server takes of what a page says. */
export const aboutThem = (person: Person): Person =>
  Object.fromEntries(FIELDS.filter(f => person[f] !== undefined).map(f => [f, person[f]]));

export const without = (person: Person, fields: (keyof Person)[]): Person =>
  Object.fromEntries(Object.entries(person).filter(([f]) => !fields.includes(f as keyof Person)));

/**
 * The fields for which the server refused what was said of a visitor: those
 * that it names, else all. None where it refused for another reason, or might
 * take the same later.
 */
export function refusedOf(person: Person, { status, fields }: Refused): (keyof Person)[] {
  const said = FIELDS.filter(f => person[f] !== undefined);
  if (status === 401) return said.filter(f => IDENTITY.includes(f));
  if (![400, 413, 422].includes(status)) return [];
  const named = fields.includes("identifier") ? [...fields, "identifier_hash"] : fields;
  const wrong = said.filter(f => named.some(name => name.split(".")[0] === f));
  return wrong.length > 0 ? wrong : said;
}
