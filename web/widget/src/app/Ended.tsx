import { useId, useState } from "preact/hooks";
import { Refused } from "./api";
import { useStore, useTexts } from "./context";
import { download } from "./download";
import { looksLikeEmail } from "./email";
import { Icon } from "./icons";

/** What can be done once the conversation was resolved. */
export function Ended() {
  const store = useStore();
  const t = useTexts();
  const id = useId();
  const [asking, setAsking] = useState(false);
  const [email, setEmail] = useState("");
  const [wrong, setWrong] = useState("");

  const mail = async (to?: string) => {
    try {
      await store.session.mailTranscript(to);
      setAsking(false);
    } catch (error) {
      const why = (error instanceof Refused && error.message) || t("not_taken");
      if (to) setWrong(why);
      else store.fail(why);
    }
  };
  const send = (e: Event) => {
    e.preventDefault();
    if (looksLikeEmail(email)) void mail(email.trim());
    else setWrong(t("email_invalid"));
  };
  return (
    <section class="ended" aria-label={t("ended")}>
      <p>{t("resolved")}</p>
      {asking ? (
        <form class="box email" noValidate onSubmit={send}>
          <label for={id}>{t("transcript_to")}</label>
          <div class="line">
            <input
              id={id}
              ref={e => void (e && !email && e.focus())}
              type="email"
              autoComplete="email"
              maxLength={254}
              placeholder={t("email_placeholder")}
              value={email}
              aria-invalid={wrong ? true : undefined}
              aria-describedby={`${id}-wrong`}
              onInput={e => {
                setEmail(e.currentTarget.value);
                setWrong("");
              }}
            />
            <button type="submit" class="solid" aria-label={t("submit")}>
              <Icon name="check" />
            </button>
          </div>
          <p id={`${id}-wrong`} class="wrong" role="status">
            {wrong}
          </p>
        </form>
      ) : (
        <>
          <button
            type="button"
            class="ghost"
            onClick={() => void store.session.address().then(to => (looksLikeEmail(to) ? mail() : setAsking(true)))}
          >
            <Icon name="mail" /> {t("transcript")}
          </button>
          <button
            type="button"
            class="ghost"
            onClick={() => void download(store).catch(() => store.fail(t("not_taken")))}
          >
            <Icon name="down" /> {t("download")}
          </button>
        </>
      )}
      <button type="button" class="solid" onClick={() => void store.session.anew()}>
        <Icon name="plus" /> {t("start")}
      </button>
    </section>
  );
}
