import { useStore, useTexts } from "./context";
import { Icon } from "./icons";

/** What can be done once the conversation was resolved. */
export function Ended() {
  const store = useStore();
  const t = useTexts();
  return (
    <section class="ended" aria-label={t("ended")}>
      <p>{t("resolved")}</p>
      <button type="button" class="solid" onClick={() => store.choose(undefined)}>
        <Icon name="plus" /> {t("start")}
      </button>
    </section>
  );
}
