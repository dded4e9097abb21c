/** Who calls whom in the trace, drawn as a graph; the same as text in a table. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { theme } from "../../../app/theme";
import { Button } from "../../../components/button";
import { EmptyState, Loading } from "../../../components/states";
import { ZoomButtons } from "../../../components/zoom-buttons";
import { changeQuery, query } from "../../../routing/location";
import { number } from "../../../text/format";
import { language } from "../../../text/language";
import { messages } from "../../../text/messages";
import type { ViewProps } from "../view";
import { type Calls, callsOf, NODE_KINDS, slowestOf } from "./calls";
import { CallsTable } from "./calls-table";
import { Choice } from "./choice";
import style from "./trace-graph.module.css";
import type { TraceGraphDrawing } from "./trace-graph-drawing";
import { COLOURINGS } from "./trace-graph-words";
import viewStyle from "./view.module.css";

const text = messages({
  label: {
    en: "Graph of the trace. The table of calls has the same as text.",
    ja: "トレースのグラフ。呼び出し表に同じ内容があります。",
  },
  nodes: { en: "Nodes", ja: "ノード" },
  services: { en: "Services", ja: "サービス" },
  operations: { en: "Operations", ja: "オペレーション" },
  colour: { en: "Colour by", ja: "色分け" },
  service: { en: "Service", ja: "サービス" },
  time: { en: "Self time", ja: "自身の時間" },
  errors: { en: "Errors", ja: "エラー" },
  table: { en: "Table of calls", ja: "呼び出し表" },
  layingOut: { en: "Laying out the graph…", ja: "レイアウト中…" },
  tooMany: {
    en: (nodes: string) => `${nodes} operations are too many to be drawn`,
    ja: (nodes: string) => `オペレーション ${nodes} 件は多すぎて描画できません`,
  },
  tooManyAdvice: {
    en: "The table of calls has them all; the graph of services is smaller.",
    ja: "呼び出し表にすべてあります。サービスのグラフはより小さくなります。",
  },
  toServices: { en: "Show services", ja: "サービスを表示" },
  explained: {
    en: "Edges: calls × average time. Click shows the slowest span.",
    ja: "エッジ: 呼び出し数 × 平均時間。クリックで最も遅いスパンを表示。",
  },
});

/** Nodes beyond which nobody finds anything in the drawing. */
const MOST_NODES = 300;

export default function TraceGraphView({ trace, selected, onSelect, matches }: ViewProps) {
  const kind = NODE_KINDS.find((each) => each === query.value.get("nodes")) ?? "services";
  const colouring = COLOURINGS.find((each) => each === query.value.get("colour")) ?? "service";
  const hasTable = query.value.get("calls") === "table";
  const calls = useMemo(() => callsOf(trace, kind), [trace, kind]);
  const isDrawable = calls.nodes.length <= MOST_NODES;
  const holder = useRef<HTMLDivElement>(null);
  const [drawing, setDrawing] = useState<TraceGraphDrawing | null>(null);
  const [isDrawn, setDrawn] = useState(false);

  const select = (id: string | null) =>
    onSelect(id === null ? null : slowestOf(trace.spans, spansOf(calls, id)));
  const selects = useRef(select);
  selects.current = select;

  useEffect(() => {
    let made: TraceGraphDrawing | undefined;
    let isGone = false;
    void import("./trace-graph-drawing").then(({ TraceGraphDrawing }) => {
      if (!isGone && holder.current) {
        made = new TraceGraphDrawing(holder.current, { onSelect: (id) => selects.current(id) });
        setDrawing(made);
      }
    });
    return () => {
      isGone = true;
      made?.stop();
    };
  }, []);

  const looks = `${colouring} ${theme.value}`;
  useEffect(() => drawing?.restyle(colouring), [drawing, looks]);
  useEffect(() => {
    drawing?.show(isDrawable ? calls : { nodes: [], edges: [] });
    setDrawn(drawing !== null);
  }, [drawing, calls, isDrawable, language.value]);
  useEffect(() => {
    const ids = (spans: ReadonlySet<number>) =>
      new Set(
        calls.nodes.flatMap((node) => (node.spans.some((at) => spans.has(at)) ? node.id : [])),
      );
    drawing?.emphasise({
      selected: selected === null ? null : nodeOf(calls, selected),
      found: matches && ids(matches),
    });
  }, [drawing, calls, selected, matches, language.value]);

  return (
    <div class={viewStyle.view}>
      <div class={viewStyle.controls}>
        <Choice
          label={text.nodes}
          value={kind}
          options={NODE_KINDS.map((value) => ({ value, label: text[value] }))}
          onChange={(nodes) => changeQuery({ nodes })}
        />
        <Choice
          label={text.colour}
          value={colouring}
          options={COLOURINGS.map((value) => ({ value, label: text[value] }))}
          onChange={(colour) => changeQuery({ colour })}
        />
        <Button
          kind="quiet"
          pressed={hasTable}
          onClick={() => changeQuery({ calls: hasTable ? undefined : "table" })}
        >
          {text.table}
        </Button>
        <span class={viewStyle.note}>{text.explained}</span>
      </div>
      <div class={style.body}>
        <div class={style.canvas}>
          <div
            ref={holder}
            class={style.drawing}
            role="img"
            aria-label={text.label}
            data-drawn={isDrawn}
          />
          {!isDrawn && (
            <div class={style.waiting}>
              <Loading label={text.layingOut} />
            </div>
          )}
          {!isDrawable && (
            <div class={style.waiting}>
              <EmptyState title={text.tooMany(number(calls.nodes.length))}>
                <p>{text.tooManyAdvice}</p>
                <Button onClick={() => changeQuery({ nodes: undefined })}>{text.toServices}</Button>
              </EmptyState>
            </div>
          )}
          <ZoomButtons view={drawing?.view} />
        </div>
        {hasTable && (
          <div class={style.table}>
            <CallsTable calls={calls} onSelect={select} />
          </div>
        )}
      </div>
    </div>
  );
}

/** Return the spans of a node, or those that an edge leads to. */
const spansOf = ({ nodes, edges }: Calls, id: string) =>
  (nodes.find((node) => node.id === id) ?? edges.find((edge) => edge.id === id))?.spans ?? [];

const nodeOf = ({ nodes }: Calls, span: number) =>
  nodes.find(({ spans }) => spans.includes(span))?.id ?? null;
