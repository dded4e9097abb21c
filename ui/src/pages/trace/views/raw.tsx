/** The trace as the API has it: our JSON, or OTLP/JSON as it was received. */
import { useEffect, useMemo, useRef } from "preact/hooks";
import { type Answer, useAnswer } from "../../../api/use-answer";
import { Button } from "../../../components/button";
import { CopyButton } from "../../../components/copy-button";
import { DownloadIcon } from "../../../components/icons";
import { Answered, EmptyState } from "../../../components/states";
import { scrollToRow, useVisibleRows, VirtualRows } from "../../../components/virtual-rows";
import { changeQuery, query } from "../../../routing/location";
import { number } from "../../../text/format";
import { messages } from "../../../text/messages";
import { pageState } from "../address";
import { soughtIn } from "../find";
import type { ViewProps } from "../view";
import { JsonLine } from "./json-line";
import { FORMATS, type Format, lineOfSpan, otlpOf } from "./json-source";
import style from "./raw.module.css";
import { useLines } from "./use-lines";
import viewStyle from "./view.module.css";

const text = messages({
  format: { en: "Format", ja: "形式" },
  spanloom: { en: "Spanloom JSON", ja: "Spanloom JSON" },
  otlp: { en: "OTLP/JSON", ja: "OTLP/JSON" },
  copy: { en: "Copy", ja: "コピー" },
  download: { en: "Download", ja: "ダウンロード" },
  lines: { en: (lines: string) => `${lines} lines`, ja: (lines: string) => `${lines} 行` },
  more: { en: (lines: string) => `${lines} lines so far…`, ja: (lines: string) => `${lines} 行…` },
  notStored: {
    en: "OTLP/JSON is there for stored traces only",
    ja: "OTLP/JSON は保存されたトレースのみ表示できます",
  },
  why: {
    en: "This trace was uploaded, or read from several traces, so the service has not received it in this form.",
    ja: "このトレースはアップロードされたか、複数のトレースから組み立てられたため、この形式では受信されていません。",
  },
  toSpanloom: { en: "Show Spanloom JSON", ja: "Spanloom JSON を表示" },
});

export default function RawView(props: ViewProps) {
  const { trace, storedId } = props;
  const format = FORMATS.find((each) => each === query.value.get("format")) ?? "spanloom";
  const isOtlp = format === "otlp";
  const otlp = useAnswer(isOtlp && storedId ? storedId : null, (signal) =>
    otlpOf(storedId ?? "", signal),
  );
  const ours = useMemo<Answer<object>>(
    () => ({ data: trace, error: undefined, loading: false, reload: () => {} }),
    [trace],
  );

  return (
    <div class={viewStyle.view}>
      {isOtlp && storedId === null ? (
        <>
          <div class={viewStyle.controls}>
            <FormatButtons format={format} />
          </div>
          <EmptyState title={text.notStored}>
            <p>{text.why}</p>
            <Button onClick={() => changeQuery({ format: undefined })}>{text.toSpanloom}</Button>
          </EmptyState>
        </>
      ) : (
        <Answered answer={isOtlp ? otlp : ours}>
          {(document) => <Document {...props} document={document} format={format} />}
        </Answered>
      )}
    </div>
  );
}

const FormatButtons = ({ format }: { format: Format }) => (
  <fieldset class={style.formats}>
    <legend class="visually-hidden">{text.format}</legend>
    {FORMATS.map((each) => (
      <Button
        key={each}
        kind="quiet"
        pressed={each === format}
        onClick={() => changeQuery({ format: each === "spanloom" ? undefined : each })}
      >
        {text[each]}
      </Button>
    ))}
  </fieldset>
);

const LINE_HEIGHT = 19;

interface DocumentProps extends ViewProps {
  document: object;
  format: Format;
}

function Document({ trace, selected, document, format }: DocumentProps) {
  const scroller = useRef<HTMLElement>(null);
  const { lines, isWhole } = useLines(document);
  const visible = useVisibleRows(scroller, lines.length, LINE_HEIGHT);
  const sought = soughtIn(pageState().find).with;
  const chosen = useMemo(
    () => (selected === null || !isWhole ? undefined : lineOfSpan(lines, trace, selected, format)),
    [lines, isWhole, trace, selected, format],
  );

  useEffect(() => {
    if (chosen !== undefined && scroller.current) {
      scrollToRow(scroller.current, chosen, LINE_HEIGHT);
    }
  }, [chosen]);

  return (
    <>
      <div class={viewStyle.controls}>
        <FormatButtons format={format} />
        <span class={viewStyle.note}>
          {(isWhole ? text.lines : text.more)(number(lines.length))}
        </span>
        <span class={viewStyle.right}>
          {isWhole && <CopyButton value={() => lines.join("\n")}>{text.copy}</CopyButton>}
          <Button onClick={() => download(document, fileName(trace.trace_id, format))}>
            <DownloadIcon /> {text.download}
          </Button>
        </span>
      </div>
      <section
        ref={scroller}
        class={style.lines}
        aria-label={text[format]}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it
        tabIndex={0}
      >
        <VirtualRows visible={visible} rowCount={lines.length} rowHeight={LINE_HEIGHT}>
          {(index) => (
            <JsonLine
              key={index}
              number={index + 1}
              line={lines[index] ?? ""}
              sought={sought}
              isChosen={index === chosen}
            />
          )}
        </VirtualRows>
      </section>
    </>
  );
}

const fileName = (traceId: string, format: Format) =>
  `trace-${traceId}${format === "otlp" ? ".otlp" : ""}.json`;

function download(document: object, name: string): void {
  const file = new Blob([JSON.stringify(document, null, 2)], { type: "application/json" });
  const link = window.document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has begun to read it by the time of the next task.
  window.setTimeout(() => URL.revokeObjectURL(link.href));
}
