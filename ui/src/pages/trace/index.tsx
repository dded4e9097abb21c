/** One trace, or all traces of one request: asked for, awaited, or explained why not there. */
import { useEffect, useState } from "preact/hooks";
import { useAnswer } from "../../api/use-answer";
import type { PageProps } from "../../app/pages";
import { Button } from "../../components/button";
import { Answered, EmptyState, Loading } from "../../components/states";
import { searchLink } from "../../routing/links";
import { messages } from "../../text/messages";
import { pageState, takeOverJaegerLink } from "./address";
import { arrived, load, type Source } from "./load";
import { TracePage } from "./trace-page";

const text = messages({
  loading: { en: "Loading the trace…", ja: "トレースを読み込み中…" },
  trace: { en: "This trace is not here", ja: "このトレースは見つかりません" },
  request: { en: "No trace has this x-request-id", ja: "この x-request-id のトレースはありません" },
  uploaded: { en: "This uploaded trace is gone", ja: "アップロードされたトレースはありません" },
  uploadedAdvice: {
    en: "Uploads stay in this browser tab only. Upload the file again.",
    ja: "アップロードはこのタブにのみ保持されます。もう一度アップロードしてください。",
  },
  arriving: {
    en: "It may not have arrived yet: proxies report a few seconds after the request.",
    ja: "まだ届いていない可能性があります。プロキシは数秒後に報告します。",
  },
  sampled: {
    en: "It may not have been sampled: see the mesh's sampling rate.",
    ja: "サンプリングされなかった可能性があります。メッシュのサンプリング率を確認してください。",
  },
  expired: {
    en: "It may be older than what this store keeps.",
    ja: "保持期間を過ぎた可能性があります。",
  },
  looking: { en: "Looking again…", ja: "再確認中…" },
  again: { en: "Look again", ja: "再確認" },
  search: { en: "Search for traces", ja: "トレースを検索" },
});

export default function Opened({ parameters }: PageProps) {
  const state = pageState();
  const source = sourceOf(parameters, state.adjustsClocks, state.isUploaded);
  useEffect(takeOverJaegerLink, []);
  // A trace of its own for every id: nothing of the last one stays.
  return <Awaited key={`${source.kind} ${source.id}`} source={source} />;
}

function sourceOf(
  { trace_id, x_request_id }: PageProps["parameters"],
  adjusts: boolean,
  isUploaded: boolean,
): Source {
  if (trace_id === undefined) {
    return { kind: "request", id: x_request_id ?? "", adjusts };
  }
  return isUploaded ? { kind: "uploaded", id: trace_id } : { kind: "trace", id: trace_id, adjusts };
}

function Awaited({ source }: { source: Source }) {
  const [missing, setMissing] = useState<"looking" | "gone" | null>(null);
  const asked = useAnswer(JSON.stringify(source), (signal) => {
    setMissing(null);
    return arrived(
      () => load(source, signal),
      signal,
      (willAskAgain) => setMissing(willAskAgain ? "looking" : "gone"),
    );
  });
  if (asked.data === undefined && (missing || asked.error?.status === 404)) {
    return <Missing source={source} isLooking={missing === "looking"} onRetry={asked.reload} />;
  }
  return (
    <Answered answer={asked} loading={<Loading label={text.loading} />}>
      {(loaded) => <TracePage source={source} loaded={loaded} onReload={asked.reload} />}
    </Answered>
  );
}

interface MissingProps {
  source: Source;
  /** Whether it is asked for again by itself. */
  isLooking: boolean;
  onRetry: () => void;
}

function Missing({ source, isLooking, onRetry }: MissingProps) {
  return (
    <EmptyState title={text[source.kind]}>
      <p>
        <code>{source.id}</code>
      </p>
      {source.kind === "uploaded" ? (
        <p>{text.uploadedAdvice}</p>
      ) : (
        <>
          <ul>
            <li>{text.arriving}</li>
            <li>{text.sampled}</li>
            <li>{text.expired}</li>
          </ul>
          <div role="status">
            {isLooking ? text.looking : <Button onClick={onRetry}>{text.again}</Button>}
          </div>
        </>
      )}
      <a href={searchLink()}>{text.search}</a>
    </EmptyState>
  );
}
