import { useId, useState } from "preact/hooks";
import { useStore, useTexts } from "./context";
import { looksLikeEmail, typoHint } from "./email";
import { Icon } from "./icons";
import type { Message } from "./types";

/** Asks for the address to write to when the visitor has gone. */
export function EmailBox({ m }: { m: Message }) {
  const store = useStore();
  const t = useTexts();
  const id = useId();
  const [email, setEmail] = useState("");
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const done = m.content_attributes?.submitted_email;
  if (typeof done === "string") {
    return (
      <p class="box done">
        <Icon name="check" /> {t("email_done", { email: done })}
      </p>
    );
  }
  const meant = looksLikeEmail(email) ? typoHint(email) : undefined;
  const send = async (e: Event) => {
    e.preventDefault();
    if (!looksLikeEmail(email)) return setWrong(t("email_invalid"));
    setBusy(true);
    try {
      await store.sender.submit(m, { email: email.trim() });
    } catch {
      setWrong(t("not_taken"));
    }
    setBusy(false);
  };
  return (
    <form class="box email" noValidate onSubmit={send}>
      <label for={id}>{t("email_label")}</label>
      <div class="line">
        <input
          id={id}
          type="email"
          inputMode="email"
          autoComplete="email"
          maxLength={255}
          placeholder={t("email_placeholder")}
          value={email}
          aria-invalid={wrong ? true : undefined}
          aria-describedby={`${id}-hint`}
          onInput={e => {
            setEmail(e.currentTarget.value);
            setWrong("");
          }}
        />
        <button type="submit" class="solid" disabled={busy} aria-label={t("submit")}>
          <Icon name="check" />
        </button>
      </div>
      <p id={`${id}-hint`} class={wrong ? "wrong" : "hint"} role="status">
        {wrong}
        {!wrong && meant && (
          <button type="button" class="link" onClick={() => setEmail(meant)}>
            {t("email_hint", { email: meant })}
          </button>
        )}
      </p>
    </form>
  );
}
