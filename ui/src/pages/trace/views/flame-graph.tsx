/** The trace as a flame graph: calls below their callers, as wide as the work in them. */
import { useMemo } from "preact/hooks";
import { Button } from "../../../components/button";
import { Checkbox } from "../../../components/field";
import { MinusIcon } from "../../../components/icons";
import { changeQuery, query } from "../../../routing/location";
import { messages } from "../../../text/messages";
import { spanNames } from "../layout";
import type { ViewProps } from "../view";
import { serviceOf } from "../words";
import { slowestOf } from "./calls";
import { FlameCanvas } from "./flame-canvas";
import type { Scene } from "./flame-drawing";
import style from "./flame-graph.module.css";
import { spanOf } from "./frame-tip";
import { flameOf, framesAbove } from "./frames";
import viewStyle from "./view.module.css";

const text = messages({
  merge: { en: "Merge equal calls", ja: "同じ呼び出しをまとめる" },
  width: {
    en: "Width: own time of the calls and of all below them. Click selects, double click zooms.",
    ja: "幅: 呼び出し自身とその先の処理時間。クリックで選択、ダブルクリックで拡大。",
  },
  path: { en: "Zoomed into", ja: "拡大中" },
  all: { en: "Whole trace", ja: "トレース全体" },
  out: { en: "Zoom out", ja: "縮小" },
});

export default function FlameGraphView({ trace, selected, onSelect, matches }: ViewProps) {
  const merges = query.value.get("merge") !== "no";
  const flame = useMemo(() => flameOf(trace, merges), [trace, merges]);
  const names = useMemo(() => spanNames(trace.spans), [trace]);
  const zoomed = names.indexOf(query.value.get("focus") ?? "");
  const zoom = flame.frameOf[zoomed] ?? null;
  const found = useMemo(
    () => matches && new Set([...matches].map((index) => flame.frameOf[index] ?? -1)),
    [matches, flame],
  );
  const scene = useMemo<Scene>(
    () => ({
      spans: trace.spans,
      flame,
      zoom,
      found,
      selected: selected === null ? null : (flame.frameOf[selected] ?? null),
    }),
    [trace, flame, zoom, found, selected],
  );

  function zoomTo(frame: number | null) {
    const first = frame === null ? undefined : flame.frames[frame]?.spans[0];
    changeQuery({ focus: first === undefined ? undefined : names[first] });
  }

  return (
    <div class={viewStyle.view}>
      <div class={viewStyle.controls}>
        <Checkbox
          label={text.merge}
          checked={merges}
          onChange={(isOn) => changeQuery({ merge: isOn ? undefined : "no" })}
        />
        {zoom === null ? (
          <span class={viewStyle.note}>{text.width}</span>
        ) : (
          <Path scene={scene} zoom={zoom} onZoom={zoomTo} />
        )}
        {zoom !== null && (
          <span class={viewStyle.right}>
            <Button onClick={() => zoomTo(flame.frames[zoom]?.parent ?? null)}>
              <MinusIcon /> {text.out}
            </Button>
          </span>
        )}
      </div>
      <FlameCanvas
        scene={scene}
        onSelect={(frame) => onSelect(slowestOf(trace.spans, flame.frames[frame]?.spans ?? []))}
        onZoom={zoomTo}
      />
    </div>
  );
}

/** Frames named on the way to the one that fills the width. */
const LAST_STEPS = 4;

interface PathProps {
  scene: Scene;
  zoom: number;
  onZoom: (frame: number | null) => void;
}

/** Where the zoom is, and the ways out of it. */
function Path({ scene, zoom, onZoom }: PathProps) {
  const above = framesAbove(scene.flame, zoom);
  const last = above.slice(-LAST_STEPS);
  const name = (frame: number) => {
    const span = spanOf(scene, frame);
    return span ? `${serviceOf(span)} ${span.name}` : "";
  };
  return (
    <nav aria-label={text.path}>
      <ol class={style.path}>
        <li>
          <button type="button" onClick={() => onZoom(null)}>
            {text.all}
          </button>
        </li>
        {above.length > last.length && <li>› …</li>}
        {last.map((frame) => (
          <li key={frame}>
            ›{" "}
            <button type="button" title={name(frame)} onClick={() => onZoom(frame)}>
              {name(frame)}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
