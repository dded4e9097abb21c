/** What the trace is, at a glance, and what can be done with it. */
import type { ComponentChildren } from "preact";
import type { Schema } from "../../api/client";
import { IconButton } from "../../components/button";
import buttonStyle from "../../components/button.module.css";
import { CopyButton } from "../../components/copy-button";
import { DownloadIcon, ErrorIcon, RefreshIcon } from "../../components/icons";
import { serviceColour } from "../../components/service-colour";
import { compareLink, searchLink, traceLink } from "../../routing/links";
import { ago, duration, exactTime, number, percent, shortId } from "../../text/format";
import { messages } from "../../text/messages";
import { holdersOf } from "./critical";
import style from "./header.module.css";
import { layoutOf } from "./layout";
import type { Trace } from "./view";

const text = messages({
  results: { en: "Traces", ja: "トレース一覧" },
  compare: { en: "Compare", ja: "比較" },
  copyId: { en: "Copy trace id", ja: "トレース ID をコピー" },
  copyLink: { en: "Copy link", ja: "リンクをコピー" },
  refresh: { en: "Refresh", ja: "更新" },
  requestOf: { en: "Whole request", ja: "リクエスト全体" },
  uploaded: { en: "Uploaded", ja: "アップロード" },
  start: { en: "Start", ja: "開始" },
  duration: { en: "Duration", ja: "所要時間" },
  services: { en: "Services", ja: "サービス" },
  spans: { en: "Spans", ja: "スパン" },
  errors: { en: "Errors", ja: "エラー" },
  missing: { en: "Missing", ja: "欠落" },
  missingTip: {
    en: "Parents that spans name and that are not stored",
    ja: "参照されているが保存されていない親スパン",
  },
  depth: { en: "Depth", ja: "深さ" },
  id: { en: "Trace id", ja: "トレース ID" },
  traces: { en: "Traces", ja: "トレース" },
  critical: { en: "Critical path", ja: "クリティカルパス" },
  others: { en: "others", ja: "その他" },
});

const TOP_HOLDERS = 3;

interface Props {
  trace: Trace;
  storedId: string | null;
  isUploaded: boolean;
  /** Ids of the traces that were read as one; null for a single trace. */
  stitchedIds: readonly Schema<"TraceId">[] | null;
  onReload: () => void;
  onSelect: (index: number) => void;
}

export function Header(props: Props) {
  const { trace, stitchedIds, isUploaded } = props;
  const { summary } = trace;
  return (
    <header class={style.header}>
      <div class={style.top}>
        <div class={style.way}>
          <a href={resultsLink()}>← {text.results}</a>
          {stitchedIds && <span class={style.kind}>{text.requestOf}</span>}
          {isUploaded && <span class={style.kind}>{text.uploaded}</span>}
        </div>
        <Actions {...props} />
      </div>
      <h1>
        <span
          class={style.swatch}
          style={{ background: serviceColour(summary.root_service) }}
          aria-hidden="true"
        />
        {summary.root_service} <span class={style.operation}>{summary.root_operation}</span>
      </h1>
      <div class={style.facts}>
        <dl class={style.numbers}>
          <Fact name={text.start}>
            {exactTime(summary.start_time_unix_nano)}{" "}
            <span class={style.muted}>{ago(summary.start_time_unix_nano)}</span>
          </Fact>
          <Fact name={text.duration}>
            <b>{duration(summary.duration_nano)}</b>
          </Fact>
          <Fact name={text.services}>{number(summary.services.length)}</Fact>
          <Fact name={text.spans}>{number(summary.span_count)}</Fact>
          <Fact name={text.depth}>{number(layoutOf(trace).maxDepth + 1)}</Fact>
          {summary.error_count > 0 && (
            <Fact name={text.errors} tone={style.error}>
              <ErrorIcon /> {number(summary.error_count)}
            </Fact>
          )}
          {summary.missing_span_count > 0 && (
            <Fact name={text.missing} tone={style.warning} tip={text.missingTip}>
              {number(summary.missing_span_count)}
            </Fact>
          )}
          {stitchedIds ? (
            <Fact name={text.traces}>
              {stitchedIds.map((id) => (
                <a key={id} class={style.part} href={traceLink(id)}>
                  <code>{shortId(id)}</code>
                </a>
              ))}
            </Fact>
          ) : (
            <Fact name={text.id}>
              <code title={trace.trace_id}>{trace.trace_id}</code>
            </Fact>
          )}
        </dl>
        <CriticalPath {...props} />
      </div>
    </header>
  );
}

interface FactProps {
  name: string;
  tone?: string | undefined;
  tip?: string;
  children: ComponentChildren;
}

function Fact({ name, tone, tip, children }: FactProps) {
  return (
    <div title={tip}>
      <dt>{name}</dt>
      <dd class={tone}>{children}</dd>
    </div>
  );
}

function Actions({ trace, storedId, onReload, isUploaded }: Props) {
  const path = storedId && `/api/v1/traces/${storedId}`;
  const file = `trace-${trace.trace_id}`;
  return (
    <div class={style.actions}>
      {storedId && (
        <a class={`${buttonStyle.button} ${style.link}`} href={compareLink(storedId)}>
          {text.compare}
        </a>
      )}
      {path && (
        <>
          <Download href={path} name={`${file}.json`} label="JSON" />
          <Download href={`${path}?format=otlp`} name={`${file}.otlp.json`} label="OTLP" />
        </>
      )}
      <CopyButton value={trace.trace_id} label={text.copyId} />
      <CopyButton value={window.location.href} label={text.copyLink}>
        {text.copyLink}
      </CopyButton>
      {!isUploaded && (
        <IconButton label={text.refresh} onClick={onReload}>
          <RefreshIcon />
        </IconButton>
      )}
    </div>
  );
}

function Download({ href, name, label }: { href: string; name: string; label: string }) {
  return (
    <a class={`${buttonStyle.button} ${style.link}`} href={href} download={name}>
      <DownloadIcon /> {label}
    </a>
  );
}

/** Who holds the critical path, as one bar and in words. */
function CriticalPath({ trace, onSelect }: Props) {
  const holders = holdersOf(trace);
  if (holders.length === 0) {
    return null;
  }
  const top = holders.slice(0, TOP_HOLDERS);
  const rest = holders.slice(TOP_HOLDERS).reduce((sum, { share }) => sum + share, 0);
  return (
    <div class={style.critical}>
      <span class={style.muted}>{text.critical}</span>
      <span class={style.shares} aria-hidden="true">
        {top.map(({ service, share }) => (
          <span
            key={service}
            style={{ width: `${100 * share}%`, background: serviceColour(service) }}
          />
        ))}
      </span>
      {top.map(({ service, share, longest }) => (
        <button
          key={service}
          type="button"
          class={style.holder}
          title={trace.spans[longest]?.name}
          onClick={() => onSelect(longest)}
        >
          <span
            class={style.swatch}
            style={{ background: serviceColour(service) }}
            aria-hidden="true"
          />
          {service} <b>{percent(100 * share)}</b>
        </button>
      ))}
      {rest > 0 && (
        <span class={style.muted}>
          {text.others} {percent(100 * rest)}
        </span>
      )}
    </div>
  );
}

/** The part of the navigation API that is used; browsers that lack it have no such entry. */
interface HistoryEntries {
  entries: () => readonly { url: string | null; index: number }[];
  currentEntry: { index: number } | null;
}

/** Return where the user came from if that was a search, else the search. */
function resultsLink(): string {
  const { navigation } = window as { navigation?: HistoryEntries };
  const last = navigation
    ?.entries()
    .filter(({ url, index }) => {
      const path = url && new URL(url).pathname;
      return path === "/search" && index < (navigation.currentEntry?.index ?? 0);
    })
    .at(-1);
  return last?.url ?? searchLink();
}
