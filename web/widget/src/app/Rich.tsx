import { useStore, useTexts } from "./context";
import { EmailBox } from "./EmailBox";
import { Form } from "./Form";
import { Icon } from "./icons";
import { safeAddress } from "./markdown";
import { Survey } from "./Survey";
import { awaits } from "./thread";
import type { Message } from "./types";

type Item = Record<string, unknown>;

export const textOf = (value: unknown) => (typeof value === "string" || typeof value === "number" ? String(value) : "");

export const itemsOf = (value: unknown): Item[] =>
  Array.isArray(value) ? value.filter(i => typeof i === "object" && i !== null) : [];

/** What a message offers beside its words. What is not as it should be is left out. */
export function Rich({ m }: { m: Message }) {
  const items = itemsOf(m.content_attributes?.items);
  switch (m.content_type) {
    case "input_select":
      return <Choices m={m} items={items} />;
    case "cards":
      return (
        <ul class="cards">
          {items.map((item, i) => (
            <Card key={i} item={item} />
          ))}
        </ul>
      );
    case "article":
      return (
        <ul class="articles">
          {items.map((item, i) => (
            <Article key={i} item={item} />
          ))}
        </ul>
      );
    case "form":
      return <Form m={m} items={items} />;
    case "input_email":
      return <EmailBox m={m} />;
    case "input_csat":
      return <Survey m={m} />;
  }
  return null;
}

/** Quick replies. They go once one is chosen, or something else was said. */
function Choices({ m, items }: { m: Message; items: Item[] }) {
  const store = useStore();
  const t = useTexts();
  if (!awaits(store.thread(m.conversation_id), m)) return null;
  const choose = (item: Item) => {
    const value = textOf(item.value) || textOf(item.title);
    void store.sender
      .submit(m, [{ title: textOf(item.title) || value, value }])
      .catch(() => store.fail(t("not_taken")));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div class="choices" role="group" aria-label={t("choose")}>
      {items.map((item, i) => (
        <button type="button" key={i} onClick={() => choose(item)}>
          {textOf(item.title) || textOf(item.value)}
        </button>
      ))}
    </div>
  );
}

function Card({ item }: { item: Item }) {
  const store = useStore();
  const picture = safeAddress(textOf(item.media_url));
  const title = textOf(item.title);
  return (
    <li class="card">
      {picture && <img src={picture} alt="" loading="lazy" referrerPolicy="no-referrer" />}
      {title && <p class="title">{title}</p>}
      {textOf(item.description) && <p>{textOf(item.description)}</p>}
      {itemsOf(item.actions).map((action, i) => {
        const text = textOf(action.text) || textOf(action.title);
        const address = safeAddress(textOf(action.uri));
        if (!text) return null;
        if (!address) {
          return (
            <button type="button" key={i} onClick={() => store.sender.write(textOf(action.payload) || text)}>
              {text}
            </button>
          );
        }
        return (
          <a key={i} href={address} target="_blank" rel="noopener noreferrer nofollow">
            {text} <Icon name="link" />
          </a>
        );
      })}
    </li>
  );
}

function Article({ item }: { item: Item }) {
  const address = safeAddress(textOf(item.link));
  const words = (
    <>
      <strong>{textOf(item.title)}</strong>
      <span>{textOf(item.description)}</span>
    </>
  );
  return (
    <li>
      {address ? (
        <a href={address} target="_blank" rel="noopener noreferrer nofollow">
          {words}
        </a>
      ) : (
        words
      )}
    </li>
  );
}
