import { useId, useState } from "preact/hooks";
import { useStore, useTexts } from "./context";
import type { Message } from "./types";

const faces = ["😞", "😑", "😐", "😀", "😍"];
const rates = ["rate_1", "rate_2", "rate_3", "rate_4", "rate_5"] as const;

interface Answer {
  rating?: number;
  feedback_message?: string;
}

/** Asks what the visitor thinks of the conversation. */
export function Survey({ m }: { m: Message }) {
  const store = useStore();
  const t = useTexts();
  const id = useId();
  const given = ((m.content_attributes?.submitted_values as { csat_survey_response?: Answer } | undefined)
    ?.csat_survey_response ?? {}) as Answer;
  const [rating, setRating] = useState(0);
  const [words, setWords] = useState("");
  const chosen = rating || given.rating || 0;
  const stars = m.content_attributes?.display_type === "star";
  const send = (answer: Answer) =>
    store.sender.submit(m, { csat_survey_response: answer }).catch(() => {
      setRating(0);
      store.fail(t("not_taken"));
    });
  const rate = (n: number) => {
    setRating(n);
    void send({ rating: n });
  };
  const comment = (e: Event) => {
    e.preventDefault();
    if (words.trim()) void send({ rating: chosen, feedback_message: words.trim() });
  };
  if (given.feedback_message) return <p class="box done">{t("thanks")}</p>;
  return (
    <form class="box survey" onSubmit={comment}>
      <fieldset class={stars ? "rates stars" : "rates"}>
        <legend class="hidden">{t("rating")}</legend>
        {rates.map((key, i) => (
          <label key={key} title={t(key)} data-on={stars ? i < chosen : i + 1 === chosen}>
            <input
              type="radio"
              name={id}
              value={i + 1}
              checked={i + 1 === chosen}
              onChange={() => rate(i + 1)}
              aria-label={t(key)}
            />
            <span aria-hidden="true">{stars ? "★" : faces[i]}</span>
          </label>
        ))}
      </fieldset>
      {chosen > 0 && (
        <>
          <p class="chosen" role="status">
            {t(rates[chosen - 1] ?? "rate_5")}
          </p>
          <label for={`${id}-words`}>{t("feedback")}</label>
          <textarea
            id={`${id}-words`}
            rows={2}
            maxLength={5000}
            value={words}
            onInput={e => setWords(e.currentTarget.value)}
          />
          <button type="submit" class="solid" disabled={!words.trim()}>
            {t("feedback_send")}
          </button>
        </>
      )}
    </form>
  );
}
