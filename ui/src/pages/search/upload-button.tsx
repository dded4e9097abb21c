/** Look at the traces of a file: chosen, or dropped anywhere on the page. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { upload } from "../../api/uploaded";
import { Button } from "../../components/button";
import { CloseIcon, UploadIcon } from "../../components/icons";
import { searchLink, traceLink } from "../../routing/links";
import { navigate } from "../../routing/location";
import { messages } from "../../text/messages";
import style from "./upload-button.module.css";

const text = messages({
  open: { en: "Open a file", ja: "ファイルを開く" },
  title: {
    en: "Look at traces of a file: OTLP, Jaeger, Tempo or Zipkin. Nothing is stored.",
    ja: "OTLP、Jaeger、Tempo、Zipkin のファイルを表示します。保存はされません。",
  },
  reading: { en: "Reading – stop", ja: "読み込み中 – 中止" },
  drop: { en: "Drop a file of traces to look at it", ja: "ここにドロップしてトレースを表示" },
  empty: {
    en: (name: string) => `${name} holds no trace.`,
    ja: (name: string) => `${name} にトレースはありません。`,
  },
  failed: {
    en: (name: string) => `${name} cannot be read:`,
    ja: (name: string) => `${name} を読み込めません:`,
  },
  dismiss: { en: "Dismiss", ja: "閉じる" },
});

export function UploadButton() {
  const input = useRef<HTMLInputElement>(null);
  const running = useRef<AbortController | null>(null);
  const [isReading, setReading] = useState(false);
  const [isOver, setOver] = useState(false);
  const [fault, setFault] = useState("");

  async function open(file: File) {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    setReading(true);
    setFault("");
    try {
      const traces = await upload(file, controller.signal);
      const [first] = traces;
      if (!first) {
        setFault(text.empty(file.name));
      } else if (traces.length === 1) {
        navigate(traceLink(first.trace_id, { uploaded: "1" }));
      } else {
        navigate(searchLink({ uploaded: "1" }));
      }
    } catch (error) {
      if (error instanceof ApiError) {
        setFault(`${text.failed(file.name)} ${error.message} ${error.hint ?? ""}`);
      } else if (!controller.signal.aborted) {
        throw error;
      }
    } finally {
      if (running.current === controller) {
        setReading(false);
      }
    }
  }

  useEffect(() => {
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const holdsFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    document.addEventListener(
      "dragover",
      (event) => {
        if (holdsFile(event)) {
          event.preventDefault();
          setOver(true);
        }
      },
      options,
    );
    document.addEventListener(
      "dragleave",
      (event) => {
        // Only when it leaves the window: it passes from one element to another all the time.
        if (event.relatedTarget === null) {
          setOver(false);
        }
      },
      options,
    );
    document.addEventListener(
      "drop",
      (event) => {
        const file = event.dataTransfer?.files[0];
        setOver(false);
        if (file) {
          event.preventDefault();
          void open(file);
        }
      },
      options,
    );
    return () => {
      controller.abort();
      running.current?.abort();
    };
  }, []);

  return (
    <>
      <Button
        kind="quiet"
        title={text.title}
        onClick={() => (isReading ? running.current?.abort() : input.current?.click())}
      >
        <UploadIcon /> {isReading ? text.reading : text.open}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={text.open}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) {
            void open(file);
          }
        }}
      />
      {isOver && <div class={style.drop}>{text.drop}</div>}
      {fault && (
        <div class={style.fault} role="alert">
          {fault}
          <button type="button" aria-label={text.dismiss} onClick={() => setFault("")}>
            <CloseIcon />
          </button>
        </div>
      )}
    </>
  );
}
