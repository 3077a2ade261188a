import { useId } from "preact/hooks";
import { useTexts } from "./context";

/** A question of a form, whoever asks it. */
export interface Question {
  name: string;
  label: string;
  type: string; // text, email, phone, number, link, date, list, checkbox, text_area
  required: boolean;
  placeholder?: string;
  choices?: { label: string; value: string }[];
  pattern?: string;
  hint?: string; // what the pattern means
}

const kinds: Record<string, "email" | "tel" | "number" | "url" | "date"> = {
  email: "email",
  phone: "tel",
  number: "number",
  link: "url",
  date: "date",
};
const fills: Record<string, string> = { email: "email", phone: "tel", fullName: "name" };

interface Props {
  q: Question;
  value: string;
  wrong: string | undefined;
  change: (value: string) => void;
  /** It is the field that the keyboard begins with. */
  first?: boolean;
}

export function Field({ q, value, wrong, change, first }: Props) {
  const t = useTexts();
  const id = useId();
  const common = {
    id,
    name: q.name,
    required: q.required,
    "data-first": first ? "" : undefined,
    "aria-invalid": wrong ? true : undefined,
    "aria-describedby": wrong ? `${id}-wrong` : undefined,
    onInput: (e: Event) => change((e.target as HTMLInputElement).value),
  };
  const problem = wrong && (
    <p class="wrong" id={`${id}-wrong`}>
      {wrong}
    </p>
  );
  if (q.type === "checkbox") {
    return (
      <div class="field check">
        <input
          {...common}
          type="checkbox"
          checked={value === "true"}
          onInput={e => change(String(e.currentTarget.checked))}
        />
        <label for={id}>
          {q.label}
          {q.required && <span aria-hidden="true"> *</span>}
        </label>
        {problem}
      </div>
    );
  }
  return (
    <div class="field">
      <label for={id}>
        {q.label}
        {q.required && <span aria-hidden="true"> *</span>}
      </label>
      {q.choices ? (
        <select {...common} value={value}>
          <option value="">{q.placeholder || t("select_one")}</option>
          {q.choices.map(c => (
            <option key={c.value} value={c.value}>
              {c.label}
            </option>
          ))}
        </select>
      ) : q.type === "text_area" ? (
        <textarea {...common} rows={3} value={value} placeholder={q.placeholder} maxLength={4000} />
      ) : (
        <input
          {...common}
          {...({ type: kinds[q.type] ?? "text", ...(q.type === "number" && { step: "any" }) } as { type: "text" })}
          value={value}
          placeholder={q.placeholder}
          autoComplete={fills[q.name] ?? fills[q.type] ?? "off"}
          maxLength={255}
        />
      )}
      {problem}
    </div>
  );
}

/** What is wrong with an answer, before the server is asked. */
export function problemOf(
  q: Question,
  value: string,
  t: ReturnType<typeof useTexts>,
  isEmail: (s: string) => boolean,
): string | undefined {
  const empty = q.type === "checkbox" ? value !== "true" : !value.trim();
  if (empty) return q.required ? t("required") : undefined;
  if (q.type === "email" && !isEmail(value)) return t("email_invalid");
  if (q.pattern) {
    try {
      if (!new RegExp(`^(?:${q.pattern})$`, "u").test(value.trim())) return q.hint || t("required");
    } catch {} // not a pattern here: the server has the last word
  }
  return undefined;
}
