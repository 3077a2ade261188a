import { useState } from "preact/hooks";
import { useStore, useTexts } from "./context";
import { looksLikeEmail } from "./email";
import { Field, problemOf, type Question } from "./Field";
import { Icon } from "./icons";
import { itemsOf, textOf } from "./Rich";
import type { Message } from "./types";

const types: Record<string, string> = {
  text_area: "text_area",
  email: "email",
  select: "list",
  checkbox: "checkbox",
  number: "number",
  date: "date",
  phone: "phone",
};

function questionOf(item: Record<string, unknown>): Question {
  const options = itemsOf(item.options).map(o => ({
    label: textOf(o.label) || textOf(o.title) || textOf(o.value),
    value: textOf(o.value) || textOf(o.label),
  }));
  return {
    name: textOf(item.name),
    label: textOf(item.label) || textOf(item.placeholder) || textOf(item.name),
    type: types[textOf(item.type)] ?? "text",
    required: item.required === true,
    placeholder: textOf(item.placeholder),
    ...(options.length > 0 && { choices: options }),
    ...(textOf(item.pattern) && { pattern: textOf(item.pattern), hint: textOf(item.title) }),
  };
}

/** A form in the conversation; once sent, its answers. */
export function Form({ m, items }: { m: Message; items: Record<string, unknown>[] }) {
  const store = useStore();
  const t = useTexts();
  const questions = items.map(questionOf).filter(q => q.name);
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(items.map(i => [textOf(i.name), textOf(i.default)])),
  );
  const [wrong, setWrong] = useState<Record<string, string | undefined>>({});
  const [busy, setBusy] = useState(false);

  const submitted = m.content_attributes?.submitted_values;
  if (submitted) {
    const answers = new Map(itemsOf(submitted).map(v => [textOf(v.name), textOf(v.value)]));
    return (
      <dl class="box answers">
        {questions.map(q => (
          <div key={q.name}>
            <dt>{q.label}</dt>
            <dd>{answers.get(q.name) || "–"}</dd>
          </div>
        ))}
      </dl>
    );
  }
  const send = async (e: Event) => {
    e.preventDefault();
    const problems = Object.fromEntries(
      questions.map(q => [q.name, problemOf(q, values[q.name] ?? "", t, looksLikeEmail)]),
    );
    setWrong(problems);
    const first = questions.find(q => problems[q.name]);
    if (first) {
      (e.target as HTMLFormElement).querySelector<HTMLElement>(`[name="${CSS.escape(first.name)}"]`)?.focus();
      return;
    }
    setBusy(true);
    await store.sender
      .submit(
        m,
        questions.map(q => ({ name: q.name, value: values[q.name] ?? "" })),
      )
      .catch(() => store.fail(t("not_taken")));
    setBusy(false);
  };
  return (
    <form class="box" noValidate onSubmit={send}>
      {questions.map(q => (
        <Field
          key={q.name}
          q={q}
          value={values[q.name] ?? ""}
          wrong={wrong[q.name]}
          change={v => setValues({ ...values, [q.name]: v })}
        />
      ))}
      <button type="submit" class="solid" disabled={busy}>
        {textOf(m.content_attributes?.button_label) || t("submit")} <Icon name="check" />
      </button>
    </form>
  );
}
