/** All edges as text: the same as the drawing, for those who do not see it or want numbers. */
import { gravity, Health } from "../../components/health";
import { type Column, Table } from "../../components/table";
import { changeQuery } from "../../routing/location";
import { milliseconds, number, percent, rate } from "../../text/format";
import { messages } from "../../text/messages";
import { ChangeBadge } from "./change-facts";
import { changeLabel } from "./edge-label";
import style from "./edge-table.module.css";
import type { Scene, SceneEdge } from "./scene";
import { nameOf } from "./sentences";

const text = messages({
  caption: { en: "Who calls whom", ja: "呼び出し関係" },
  source: { en: "Caller", ja: "呼び出し元" },
  target: { en: "Callee", ja: "呼び出し先" },
  health: { en: "Health", ja: "状態" },
  change: { en: "Change", ja: "変化" },
  protocol: { en: "Protocol", ja: "プロトコル" },
  calls: { en: "Calls", ja: "呼び出し" },
  rate: { en: "Rate", ja: "レート" },
  share: { en: "Share", ja: "割合" },
  errors: { en: "Errors", ja: "エラー" },
  mtls: { en: "mTLS", ja: "mTLS" },
});

interface Props {
  scene: Scene;
  selected: string;
  order: string;
}

export function EdgeTable({ scene, selected, order }: Props) {
  const isComparison = scene.edges.some(({ compared }) => compared);
  const columns: readonly (Column<SceneEdge> | false)[] = [
    {
      key: "source",
      label: text.source,
      cell: (edge) => (
        <button
          type="button"
          class={style.cellLink}
          aria-current={edge.id === selected ? "true" : undefined}
          onClick={() => changeQuery({ select: edge.id })}
        >
          {nameOf(edge.source, scene)}
        </button>
      ),
      sortBy: (edge) => nameOf(edge.source, scene),
    },
    {
      key: "target",
      label: text.target,
      cell: (edge) => nameOf(edge.target, scene),
      sortBy: (edge) => nameOf(edge.target, scene),
    },
    isComparison && {
      key: "change",
      label: text.change,
      cell: ({ compared }) =>
        compared && (
          <span class={style.changeCell}>
            {changeLabel(compared)} <ChangeBadge compared={compared} />
          </span>
        ),
      sortBy: ({ compared }) => compared?.change.worse ?? 0,
      numeric: true,
    },
    {
      key: "health",
      label: text.health,
      cell: ({ edge, reason }) => (
        <div class={style.healthCell}>
          <Health health={edge.health} />
          {reason && <span class={style.muted}>{reason}</span>}
        </div>
      ),
      sortBy: ({ edge }) => gravity(edge.health),
    },
    {
      key: "rate",
      label: text.rate,
      cell: ({ edge }) => rate(edge.rate),
      sortBy: ({ edge }) => edge.rate,
      numeric: true,
    },
    {
      key: "errors",
      label: text.errors,
      cell: ({ edge }) => percent(edge.error_percent),
      sortBy: ({ edge }) => edge.error_percent,
      numeric: true,
    },
    ...(["p50_ms", "p95_ms", "p99_ms"] as const).map((key) => ({
      key,
      label: key.slice(0, 3),
      cell: ({ edge }: SceneEdge) => milliseconds((edge.client ?? edge.server ?? edge.lag)?.[key]),
      sortBy: ({ edge }: SceneEdge) => (edge.client ?? edge.server ?? edge.lag)?.[key] ?? -1,
      numeric: true,
    })),
    {
      key: "calls",
      label: text.calls,
      cell: ({ edge }) => number(edge.calls),
      sortBy: ({ edge }) => edge.calls,
      numeric: true,
    },
    {
      key: "share",
      label: text.share,
      cell: ({ edge }) => percent(edge.share_percent),
      sortBy: ({ edge }) => edge.share_percent,
      numeric: true,
    },
    {
      key: "mtls",
      label: text.mtls,
      cell: ({ edge }) => percent(edge.mtls_percent),
      sortBy: ({ edge }) => edge.mtls_percent ?? -1,
      numeric: true,
    },
    {
      key: "protocol",
      label: text.protocol,
      cell: ({ edge }) => edge.protocol,
      sortBy: ({ edge }) => edge.protocol,
    },
  ];
  return (
    <div class={style.tableView}>
      <Table
        caption={text.caption}
        columns={columns.filter((column) => column !== false)}
        rows={scene.edges}
        rowKey={({ id }) => id}
        // Comparisons come with the worst first.
        order={order || (isComparison ? "" : "-health")}
        onOrder={(next) => changeQuery({ order: next }, { replace: true })}
      />
    </div>
  );
}
