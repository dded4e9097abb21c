/** The traces of the user's own files. */
import { uploadedTraces } from "../../api/uploaded";
import { EmptyState } from "../../components/states";
import { searchLink } from "../../routing/links";
import { messages } from "../../text/messages";
import style from "./search.module.css";
import { TraceTable } from "./trace-table";
import { UploadButton } from "./upload-button";

const text = messages({
  title: {
    en: (count: number) => `${count} traces of your files`,
    ja: (count: number) => `ファイルのトレース ${count} 件`,
  },
  note: {
    en: "Held by this page only, until it is left.",
    ja: "このページを離れるまでの間だけ保持されます。",
  },
  gone: { en: "No file is open", ja: "開いているファイルはありません" },
  goneAdvice: {
    en: "Files are held by the page only, and it was loaded anew. Open the file again.",
    ja: "ファイルはページ内だけに保持されます。もう一度開いてください。",
  },
  back: { en: "Back to the search", ja: "検索に戻る" },
});

const NOTHING_FRESH: ReadonlySet<string> = new Set();

export function Uploaded() {
  const traces = uploadedTraces().map((trace) => trace.summary);
  if (traces.length === 0) {
    return (
      <EmptyState title={text.gone}>
        <p>{text.goneAdvice}</p>
        <UploadButton />
        <a href={searchLink()}>{text.back}</a>
      </EmptyState>
    );
  }
  return (
    <section class={style.list}>
      <div class={style.bar}>
        <h1>{text.title(traces.length)}</h1>
        <span class={style.note}>{text.note}</span>
        <div class={style.actions}>
          <UploadButton />
          <a href={searchLink()}>{text.back}</a>
        </div>
      </div>
      <TraceTable traces={traces} fresh={NOTHING_FRESH} areUploaded />
    </section>
  );
}
