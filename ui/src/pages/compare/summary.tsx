/** Both sides at a glance: what they are, how long they take, and where the difference is made. */
import { Badge } from "../../components/badge";
import { ServiceName } from "../../components/service-name";
import { searchLink, traceLink } from "../../routing/links";
import { duration, number, shortId } from "../../text/format";
import { messages } from "../../text/messages";
import style from "./compare.module.css";
import { signed } from "./difference";
import { isSearch, type Side, type SideName, searchOf } from "./side";
import { type Comparison, contributions } from "./tree";

const text = messages({
  label: { en: "Summary", ja: "概要" },
  trace: { en: "trace", ja: "トレース" },
  traces: {
    en: (count: string) => `${count} traces, by their medians`,
    ja: (count: string) => `${count} 件のトレース（中央値）`,
  },
  results: { en: "show them", ja: "一覧を表示" },
  sample: { en: "a sample", ja: "一部" },
  sampleTip: {
    en: "The search finds more traces; these are from all over its window.",
    ja: "検索に該当するトレースの一部（期間全体から抽出）です。",
  },
  lacking: { en: "not all were found", ja: "一部が見つかりません" },
  tooLarge: {
    en: (count: string) => `${count} left out: too many spans`,
    ja: (count: string) => `${count} 件はスパン数が多いため除外`,
  },
  slower: {
    en: (times: string) => `B takes longer${times}`,
    ja: (times: string) => `B のほうが遅い${times}`,
  },
  faster: {
    en: (times: string) => `B takes less time${times}`,
    ja: (times: string) => `B のほうが速い${times}`,
  },
  same: { en: "Both take the same time", ja: "所要時間は同じです" },
  made: { en: "Most of it is made by", ja: "主な要因:" },
});

/** Ratios of which people speak as of so many times. */
const TIMES = 1.1;
const MOST_CAUSES = 3;

interface Props {
  comparison: Comparison;
  a: Side;
  b: Side;
  onSelect: (index: number) => void;
}

export function Summary({ comparison, a, b, onSelect }: Props) {
  const longest = Math.max(
    1,
    Number(comparison.a.duration_nano),
    Number(comparison.b.duration_nano),
  );
  const causes = contributions(comparison, MOST_CAUSES);
  return (
    <section class={style.summary} aria-label={text.label}>
      <dl class={style.totals}>
        <SideTotal name="a" side={a} found={comparison.a} longest={longest} />
        <SideTotal name="b" side={b} found={comparison.b} longest={longest} />
      </dl>
      <div class={style.verdict}>
        <strong class={verdictTone(comparison)}>{signed(comparison.difference_nano)}</strong>{" "}
        {verdict(comparison)}
        {causes.length > 0 && Number(comparison.difference_nano) !== 0 && (
          <div class={style.causes}>
            {text.made}
            {causes.map(({ index, difference }) => {
              const span = comparison.spans[index];
              return (
                span && (
                  <button
                    key={index}
                    type="button"
                    class={style.cause}
                    title={span.operation}
                    onClick={() => onSelect(index)}
                  >
                    <ServiceName name={span.service} /> <b>{signed(difference)}</b>
                  </button>
                )
              );
            })}
          </div>
        )}
      </div>
    </section>
  );
}

interface TotalProps {
  name: SideName;
  side: Side;
  found: Comparison["a"];
  longest: number;
}

function SideTotal({ name, side, found, longest }: TotalProps) {
  const { trace_ids, too_large_traces, is_complete, duration_nano } = found;
  const [only] = trace_ids;
  return (
    <div class={style.total}>
      <dt class={style.letter}>{name.toUpperCase()}</dt>
      <dd class={style.totalBar}>
        <i class={style[`bar-${name}`]} style={{ width: share(duration_nano, longest) }} />
      </dd>
      <dd class={style.totalTime}>{duration(duration_nano)}</dd>
      <dd class={style.totalNote}>
        {trace_ids.length === 1 && only ? (
          <a href={traceLink(only)}>
            {text.trace} <code>{shortId(only)}</code>
          </a>
        ) : (
          text.traces(number(trace_ids.length))
        )}
        {isSearch(side) && <a href={searchLink({ ...searchOf(side) })}>{text.results}</a>}
        {!is_complete && (
          <Badge tone="info" title={isSearch(side) ? text.sampleTip : undefined}>
            {isSearch(side) ? text.sample : text.lacking}
          </Badge>
        )}
        {too_large_traces > 0 && (
          <Badge tone="warning">{text.tooLarge(number(too_large_traces))}</Badge>
        )}
      </dd>
    </div>
  );
}

const share = (nanoseconds: string, longest: number) =>
  `${Math.max(0.5, (100 * Number(nanoseconds)) / longest)}%`;

function verdict({ a, b, difference_nano }: Comparison): string {
  const difference = Number(difference_nano);
  if (difference === 0) {
    return text.same;
  }
  const [more, less] = [Number(a.duration_nano), Number(b.duration_nano)].toSorted(
    (x, y) => y - x,
  ) as [number, number];
  const ratio = less > 0 ? more / less : 0;
  const times = ratio >= TIMES ? ` (${number(ratio, ratio < 10 ? 1 : 0)}×)` : "";
  return difference > 0 ? text.slower(times) : text.faster(times);
}

const verdictTone = ({ difference_nano }: Comparison) =>
  Number(difference_nano) > 0 ? style.slower : style.faster;
