import { useStore, useTexts } from "./context";
import { Icon } from "./icons";

/** Every conversation of this visitor, each to be read again. */
export function Conversations() {
  const store = useStore();
  const t = useTexts();
  const { conversations, language, current } = store.state;
  return (
    <div class="list">
      {conversations.length === 0 && <p class="quiet">{t("no_conversations")}</p>}
      <ul>
        {conversations.map((c, i) => {
          const last = c.messages.at(-1);
          const when = last && new Date(last.created_at * 1000);
          return (
            <li key={c.id}>
              <button
                type="button"
                data-first={i === 0 ? "" : undefined}
                aria-current={c.id === current ? "true" : undefined}
                onClick={() => void store.reader.show(c.id)}
              >
                <span class="top">
                  <span class={c.status === "resolved" ? "state" : "state on"}>
                    {t(c.status === "resolved" ? "status_ended" : "status_running")}
                  </span>
                  {when && (
                    <time dateTime={when.toISOString()}>
                      {when.toLocaleDateString(language, { day: "numeric", month: "short", year: "numeric" })}
                    </time>
                  )}
                </span>
                <span class="last">{last?.content}</span>
              </button>
            </li>
          );
        })}
      </ul>
      <button type="button" class="solid" onClick={() => void store.session.anew()}>
        <Icon name="plus" /> {t("start")}
      </button>
    </div>
  );
}
