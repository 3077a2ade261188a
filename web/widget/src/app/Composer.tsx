import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useStore, useTexts } from "./context";
import { Icon } from "./icons";

const emoji = Array.from("😀😊😂🙂😉😍🤔😅😢😭😡😱👍👎👏🙏👋💪🙌❤🎉✅❌⭐🔥💡📦🚚💳🧾📞📧📷⏰📍🛒🎁☕");
const IDLE = 4000; // ms without a key after which one no longer types

const size = (bytes: number) => (bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.round(bytes / 1e3)} kB`);

/** Where the visitor writes. */
export function Composer() {
  const store = useStore();
  const t = useTexts();
  const { draft, inbox, phase } = store.state;
  const [files, setFiles] = useState<File[]>([]);
  const [problem, setProblem] = useState("");
  const [faces, setFaces] = useState(false);
  const [dragged, setDragged] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const idle = useRef<ReturnType<typeof setTimeout>>(undefined);

  useLayoutEffect(() => {
    const f = field.current;
    if (!f) return;
    f.style.height = "auto";
    f.style.height = `${Math.min(f.scrollHeight, 132)}px`;
  }, [draft]);

  const add = (more: File[]) => {
    const limits = inbox?.limits;
    if (!more.length || !limits) return;
    const all = [...files, ...more];
    const large = more.find(f => f.size > limits.file_size);
    if (large) setProblem(t("too_large", { name: large.name, size: size(limits.file_size) }));
    else if (all.length > limits.files) setProblem(t("too_many", { count: limits.files }));
    else if (all.reduce((sum, f) => sum + f.size, 0) > limits.total_size)
      setProblem(t("too_large_together", { size: size(limits.total_size) }));
    else {
      setProblem("");
      setFiles(all);
    }
    field.current?.focus();
  };

  const take = useRef(add);
  take.current = add;
  useEffect(() => {
    let depth = 0;
    const carries = (e: DragEvent) => e.dataTransfer?.types.includes("Files") ?? false;
    const on: Record<string, (e: DragEvent) => void> = {
      dragenter: e => carries(e) && setDragged(++depth > 0),
      dragleave: e => carries(e) && setDragged(--depth > 0),
      dragover: e => carries(e) && e.preventDefault(),
      drop: e => {
        depth = 0;
        setDragged(false);
        if (!carries(e)) return;
        e.preventDefault();
        take.current([...(e.dataTransfer?.files ?? [])]);
      },
    };
    for (const name in on) addEventListener(name, on[name] as EventListener);
    return () => {
      for (const name in on) removeEventListener(name, on[name] as EventListener);
    };
  }, []);

  const write = (text: string) => {
    store.keepDraft(text);
    store.sender.types(text !== "");
    clearTimeout(idle.current);
    idle.current = setTimeout(() => store.sender.types(false), IDLE);
  };
  const send = () => {
    clearTimeout(idle.current);
    store.sender.write(draft, files);
    setFiles([]);
    setProblem("");
    setFaces(false);
    field.current?.focus();
  };
  const keys = (e: KeyboardEvent) => {
    if (e.key !== "Enter" || e.shiftKey || e.isComposing || e.keyCode === 229) return;
    e.preventDefault();
    send();
  };
  const insert = (face: string) => {
    const f = field.current;
    const at = f?.selectionStart ?? draft.length;
    write(draft.slice(0, at) + face + draft.slice(f?.selectionEnd ?? at));
    setFaces(false);
    f?.focus();
  };
  const empty = !draft.trim() && files.length === 0;

  return (
    <footer class="composer">
      {dragged && <div class="drop">{t("drop")}</div>}
      {problem && (
        <p class="wrong" role="alert">
          {problem}
        </p>
      )}
      {files.length > 0 && (
        <ul class="files">
          {files.map(f => (
            <li class="chip" key={f.name + f.size}>
              <Icon name="file" />
              <span>{f.name}</span>
              <button
                type="button"
                aria-label={t("detach", { name: f.name })}
                onClick={() => setFiles(files.filter(o => o !== f))}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {faces && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
        <div
          class="faces"
          role="group"
          aria-label={t("emoji")}
          onKeyDown={e => {
            if (e.key === "Escape") {
              e.preventDefault();
              setFaces(false);
              field.current?.focus();
            }
          }}
        >
          {emoji.map(e => (
            <button type="button" key={e} onClick={() => insert(e)}>
              {e}
            </button>
          ))}
        </div>
      )}
      <div class="write">
        <textarea
          ref={field}
          data-first=""
          rows={1}
          maxLength={150000}
          placeholder={t("write")}
          aria-label={t("write")}
          value={draft}
          disabled={phase !== "ready"}
          onInput={e => write(e.currentTarget.value)}
          onKeyDown={keys}
          onPaste={e => {
            const pasted = [...(e.clipboardData?.files ?? [])];
            if (pasted.length) {
              e.preventDefault();
              add(pasted);
            }
          }}
        />
        <div class="tools">
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            tabIndex={-1}
            onChange={e => {
              add([...(e.currentTarget.files ?? [])]);
              e.currentTarget.value = "";
            }}
          />
          <button type="button" class="tool" aria-label={t("attach")} onClick={() => picker.current?.click()}>
            <Icon name="clip" />
          </button>
          <button
            type="button"
            class="tool"
            aria-label={t("emoji")}
            aria-expanded={faces}
            onClick={() => setFaces(!faces)}
          >
            <Icon name="smile" />
          </button>
          <button
            type="button"
            class="tool send"
            aria-label={t("send")}
            aria-disabled={empty}
            onClick={() => !empty && send()}
          >
            <Icon name="send" />
          </button>
        </div>
      </div>
    </footer>
  );
}
