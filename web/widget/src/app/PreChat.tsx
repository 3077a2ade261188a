import { useRef, useState } from "preact/hooks";
import { Refused } from "./api";
import { useStore, useTexts } from "./context";
import { looksLikeEmail, typoHint } from "./email";
import { Field, problemOf, type Question } from "./Field";
import { Icon } from "./icons";
import { newId } from "./newid";
import type { PreChatField } from "./types";

const questionOf = (f: PreChatField): Question => ({
  name: f.name,
  label: f.label,
  type: f.type,
  required: f.required,
  placeholder: f.placeholder,
  ...(f.type === "list" && { choices: f.values.map(value => ({ label: value, value })) }),
  ...(f.regex_pattern && { pattern: f.regex_pattern, hint: f.regex_cue ?? "" }),
});

/** Asks what the business wants to know before the first word, and for that word. */
export function PreChat() {
  const store = useStore();
  const t = useTexts();
  const { inbox, draft, language } = store.state;
  const word: Question = { name: "", label: t("message"), type: "text_area", required: true };
  const questions = [...store.questions().map(questionOf), word];
  const [values, setValues] = useState<Record<string, string>>({ "": draft });
  const [wrong, setWrong] = useState<Record<string, string | undefined>>({});
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const echo = useRef(newId()); // sent again, it begins one conversation
  const form = useRef<HTMLFormElement>(null);

  const point = (problems: Record<string, string | undefined>) => {
    setWrong(problems);
    const first = questions.findIndex(q => problems[q.name]);
    if (first < 0) return false;
    form.current?.querySelectorAll<HTMLElement>(".field :is(input,select,textarea)")[first]?.focus();
    return true;
  };
  const send = async (e: Event) => {
    e.preventDefault();
    setProblem("");
    if (point(Object.fromEntries(questions.map(q => [q.name, problemOf(q, values[q.name] ?? "", t, looksLikeEmail)]))))
      return;
    const { "": content = "", ...rest } = values;
    const answers = Object.fromEntries(
      questions
        .filter(q => q.name && rest[q.name])
        .map(q => [q.name, q.type === "checkbox" ? rest[q.name] === "true" : rest[q.name]]),
    );
    setBusy(true);
    try {
      await store.sender.open(answers, content.trim(), echo.current);
      store.keepDraft("");
    } catch (error) {
      setBusy(false);
      const refused = error instanceof Refused ? error : undefined;
      if (
        !refused?.fields.length ||
        !point(Object.fromEntries(refused.fields.map(f => [f.replace(/^pre_chat\./, ""), refused.message])))
      ) {
        setProblem(refused?.message || t("not_taken"));
      }
    }
  };
  const email = questions.find(q => q.type === "email");
  const typed = email && values[email.name];
  const meant = typed && looksLikeEmail(typed) ? typoHint(typed) : undefined;
  return (
    <form class="prechat" ref={form} noValidate onSubmit={send} lang={language}>
      <p>{inbox?.pre_chat_form_options.pre_chat_message}</p>
      {questions.map((q, i) => (
        <div key={q.name}>
          <Field
            first={i === 0}
            q={q}
            value={values[q.name] ?? ""}
            wrong={wrong[q.name]}
            change={v => setValues({ ...values, [q.name]: v })}
          />
          {q === email && meant && (
            <button type="button" class="link" onClick={() => setValues({ ...values, [q.name]: meant })}>
              {t("email_hint", { email: meant })}
            </button>
          )}
        </div>
      ))}
      {problem && (
        <p class="wrong" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" class="solid" disabled={busy}>
        {t("begin")} <Icon name="send" />
      </button>
    </form>
  );
}
