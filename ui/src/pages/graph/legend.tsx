/** What shapes, colours and lines mean. */
import { messages } from "../../text/messages";
import style from "./legend.module.css";
import { ALARMING, type Kind, LOOK_COLOUR, type Look, SHAPES } from "./looks";
import { SIGNS } from "./marks";
import type { Scene } from "./scene";
import { KIND, LOOK } from "./sentences";

const text = messages({
  legend: { en: "Legend", ja: "凡例" },
  asynchronous: { en: "asynchronous", ja: "非同期" },
  inferred: { en: "inferred, or gone", ja: "推定・消滅" },
  faster: { en: "wider: more calls", ja: "太いほど呼び出しが多い" },
  alarm: { en: "something is wrong", ja: "問題あり" },
  lock: { en: "mTLS", ja: "mTLS" },
  particle: { en: "calls; more of them, more calls", ja: "呼び出し（多いほど頻繁）" },
  wrong: { en: "failed calls", ja: "失敗した呼び出し" },
  found: { en: "found", ja: "検索に一致" },
});

const KINDS: readonly Kind[] = [
  "workload",
  "service",
  "operation",
  "gateway",
  "waypoint",
  "database",
  "messaging",
  "external",
  "ingress",
  "unknown",
];
const LOOKS: readonly Look[] = [
  "healthy",
  "slow",
  "degraded",
  "failure",
  "na",
  "idle",
  "same",
  "better",
  "worse",
  "much_worse",
  "new",
  "gone",
];

/** Tells only what the scene has: a short legend is read. */
export function Legend({ scene }: { scene: Scene }) {
  const kinds = new Set(scene.nodes.map(({ kind }) => kind));
  const all = [...scene.nodes, ...scene.edges];
  const looks = new Set(all.map(({ look }) => look));
  const isComparison = all.some(({ compared }) => compared);
  return (
    <section class={style.legend} aria-label={text.legend}>
      <ul>
        {KINDS.filter((kind) => kinds.has(kind)).map((kind) => (
          <li key={kind}>
            <Shape kind={kind} /> {KIND[kind]}
          </li>
        ))}
      </ul>
      <ul>
        {LOOKS.filter((look) => looks.has(look)).map((look) => (
          <li key={look}>
            <Line colour={LOOK_COLOUR[look]} dash={look === "gone" ? "2 3" : undefined} />
            {LOOK[look]}
          </li>
        ))}
        {scene.edges.some(({ edge }) => edge.asynchronous) && (
          <li>
            <Line colour="--border-strong" dash="6 4" /> {text.asynchronous}
          </li>
        )}
        {scene.edges.some(({ edge }) => edge.inferred) && (
          <li>
            <Line colour="--border-strong" dash="2 3" /> {text.inferred}
          </li>
        )}
        <li>
          <Line colour="--border-strong" width={4} /> {text.faster}
        </li>
        {all.some(({ isFound }) => isFound) && (
          <li>
            <Line colour="--info" width={8} /> {text.found}
          </li>
        )}
        {[...looks].some((look) => ALARMING.has(look)) && (
          <li>
            <Sign sign="alarm" colour="--error" /> {text.alarm}
          </li>
        )}
        {scene.edges.some(({ isMutualTls }) => isMutualTls) && (
          <li>
            <Sign sign="lock" colour="--text-muted" /> {text.lock}
          </li>
        )}
        {!isComparison && <Traffic />}
      </ul>
    </section>
  );
}

function Traffic() {
  return (
    <>
      <li>
        <svg viewBox="0 0 28 16" width="28" height="16" aria-hidden="true">
          <path d="M4 8h.01M14 8h.01M24 8h.01" class={style.particle} />
        </svg>
        {text.particle}
      </li>
      <li>
        <svg viewBox="0 0 28 16" width="28" height="16" aria-hidden="true">
          <path d="M14 3l5 5-5 5-5-5z" class={style.wrongParticle} />
        </svg>
        {text.wrong}
      </li>
    </>
  );
}

function Shape({ kind }: { kind: Kind }) {
  const corners = SHAPES[kind].map(([x, y]) => `${14 + x * 7},${8 + y * 7}`).join(" ");
  return (
    <svg viewBox="0 0 28 16" width="28" height="16" class={style.shape} aria-hidden="true">
      {corners ? <polygon points={corners} /> : <circle cx="14" cy="8" r="7" />}
    </svg>
  );
}

interface LineProps {
  colour: `--${string}`;
  dash?: string | undefined;
  width?: number;
}

function Line({ colour, dash, width = 2 }: LineProps) {
  return (
    <svg viewBox="0 0 28 16" width="28" height="16" aria-hidden="true">
      <path
        d="M2 8h24"
        stroke={`var(${colour})`}
        stroke-width={width}
        stroke-dasharray={dash}
        opacity={width > 4 ? 0.4 : 1}
      />
    </svg>
  );
}

function Sign({ sign, colour }: { sign: keyof typeof SIGNS; colour: `--${string}` }) {
  return (
    <svg viewBox="-14 -8 28 16" width="28" height="16" aria-hidden="true">
      <path d={SIGNS[sign].body} fill={`var(${colour})`} />
      <path
        d={SIGNS[sign].strokes}
        fill="none"
        stroke={sign === "lock" ? `var(${colour})` : "var(--surface)"}
        stroke-width="1.4"
        stroke-linecap="round"
      />
    </svg>
  );
}
