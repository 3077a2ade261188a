import type { ComponentChildren } from "preact";
import { useStore, useTexts } from "./context";
import { Icon } from "./icons";
import { Markdown, safeAddress, Words } from "./markdown";
import type { Outgoing } from "./queue";
import { Rich } from "./Rich";
import { type Attachment, INCOMING, type Message } from "./types";

const clock = (at: number) => {
  const d = new Date(at * 1000);
  return `${String(d.getHours()).padStart(2, "0")}:${String(d.getMinutes()).padStart(2, "0")}`;
};

/** A message, its files, and what it asks for. */
export function Bubble({ m, named, last }: { m: Message; named: boolean; last: boolean }) {
  const store = useStore();
  const t = useTexts();
  const mine = m.message_type === INCOMING;
  const deleted = m.content_attributes?.deleted === true;
  const read = (store.conversation()?.agent_last_seen_at ?? 0) >= m.created_at;
  const face = m.sender?.avatar_url && safeAddress(m.sender.avatar_url, location.href);
  const name = m.sender?.name || store.state.inbox?.name || "";
  return (
    <article class={mine ? "entry mine" : "entry"} aria-label={`${mine ? t("you") : name}, ${clock(m.created_at)}`}>
      {named && (
        <p class="name">
          {face && <img src={face} alt="" />}
          {name}
        </p>
      )}
      {deleted ? (
        <div class="bubble gone">
          <em>{t("deleted")}</em>
        </div>
      ) : (
        m.content && <div class="bubble">{mine ? <Words text={m.content} /> : <Markdown text={m.content} />}</div>
      )}
      {!deleted && m.attachments?.map(a => <File key={a.id} a={a} />)}
      {!deleted && !mine && <Rich m={m} />}
      {(mine ? last : named) && (
        <p class="meta">
          <time dateTime={new Date(m.created_at * 1000).toISOString()}>{clock(m.created_at)}</time>
          {mine && ` · ${t(read ? "read" : "sent")}`}
        </p>
      )}
    </article>
  );
}

/** What the server has not confirmed. */
export function Pending({ item }: { item: Outgoing }) {
  const store = useStore();
  const t = useTexts();
  return (
    <article class={item.failed ? "entry mine failed" : "entry mine pending"} aria-label={t("you")}>
      {item.content && (
        <div class="bubble">
          <Words text={item.content} />
        </div>
      )}
      {item.files?.map(f => (
        <Chip key={f.name}>{f.name}</Chip>
      ))}
      {item.failed ? (
        <p class="meta" role="alert">
          {t("failed", { why: item.failed })}{" "}
          <button type="button" class="link" onClick={() => store.sender.queue.retry(item.echo)}>
            {t("retry")}
          </button>{" "}
          <button type="button" class="link" onClick={() => store.sender.queue.drop(item.echo)}>
            {t("discard")}
          </button>
        </p>
      ) : (
        <p class="meta">{t(store.state.online ? "sending" : "waits")}</p>
      )}
    </article>
  );
}

const Chip = ({ children }: { children: ComponentChildren }) => (
  <span class="chip">
    <Icon name="file" />
    <span>{children}</span>
  </span>
);

function File({ a }: { a: Attachment }) {
  const t = useTexts();
  const address = safeAddress(a.data_url, location.href);
  if (!address) return null;
  const shown = a.thumb_url && safeAddress(a.thumb_url, location.href);
  if (a.file_type === "audio") {
    // biome-ignore lint/a11y/useMediaCaption: it is somebody's recording
    return <audio controls preload="none" src={address} />;
  }
  if (a.file_type === "video") {
    // biome-ignore lint/a11y/useMediaCaption: it is somebody's recording
    return <video controls preload="metadata" src={address} />;
  }
  return (
    <a
      class={shown ? "picture" : "chip"}
      href={address}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={t("open_file", { name: a.file_name })}
    >
      {shown ? (
        <img src={shown} alt={t("image", { name: a.file_name })} loading="lazy" />
      ) : (
        <>
          <Icon name="file" />
          <span>{a.file_name}</span>
        </>
      )}
    </a>
  );
}
