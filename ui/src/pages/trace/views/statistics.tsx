/** Figures of the spans in groups; a click shows a group's spans in the table. */
import { useMemo } from "preact/hooks";
import { Combobox } from "../../../components/combobox";
import { ServiceName } from "../../../components/service-name";
import { EmptyState } from "../../../components/states";
import { ShareBar } from "../../../components/traffic";
import { type SizedColumn, VirtualTable } from "../../../components/virtual-table";
import { changeQuery, query } from "../../../routing/location";
import { duration, number, percent } from "../../../text/format";
import { language } from "../../../text/language";
import { messages } from "../../../text/messages";
import type { ViewProps } from "../view";
import { Choice } from "./choice";
import { showGroup } from "./filter";
import { attributeKeys, GROUPINGS, type Group, type Grouping, groupsOf } from "./groups";
import style from "./statistics.module.css";
import { tallyColumns } from "./tally-columns";
import viewStyle from "./view.module.css";

const text = messages({
  caption: { en: "Spans in groups", ja: "グループ別のスパン" },
  by: { en: "Group by", ja: "グループ化" },
  service: { en: "Service", ja: "サービス" },
  operation: { en: "Operation", ja: "オペレーション" },
  service_operation: { en: "Service and operation", ja: "サービスとオペレーション" },
  attribute: { en: "Attribute", ja: "属性" },
  anyAttribute: { en: "such as http.method", ja: "例: http.method" },
  which: { en: "Choose an attribute to group by", ja: "グループ化する属性を選択してください" },
  frequent: { en: "Frequent in this trace:", ja: "このトレースで多い属性:" },
  absent: { en: "without it", ja: "なし" },
  groups: {
    en: (groups: string) => `${groups} groups. A click shows the spans.`,
    ja: (groups: string) => `${groups} グループ。クリックでスパンを表示。`,
  },
  count: { en: "Spans", ja: "スパン" },
  total: { en: "Total", ja: "合計" },
  average: { en: "Average", ja: "平均" },
  least: { en: "Min", ja: "最小" },
  most: { en: "Max", ja: "最大" },
  own: { en: "Self", ja: "自身" },
  critical: { en: "Critical path", ja: "クリティカルパス" },
});

export default function StatisticsView({ trace }: ViewProps) {
  const wanted = query.value.get("by");
  const by = GROUPINGS.find((each) => each === wanted) ?? "service";
  const key = query.value.get("key") ?? "";
  const isReady = by !== "attribute" || key !== "";
  const groups = useMemo(
    () => (isReady ? groupsOf(trace, by, key) : []),
    [trace, by, key, isReady],
  );
  const columns = useMemo(() => columnsOf(by, key), [by, key, language.value]);
  const keys = useMemo(() => attributeKeys(trace), [trace]);

  return (
    <div class={viewStyle.view}>
      <div class={viewStyle.controls}>
        <Choice
          label={text.by}
          value={by}
          options={GROUPINGS.map((value) => ({ value, label: text[value] }))}
          onChange={(next) => changeQuery({ by: next, order: undefined })}
        />
        {by === "attribute" && (
          <div class={style.attribute}>
            <Combobox
              label={text.attribute}
              value={key}
              onChange={(next) => changeQuery({ key: next })}
              suggest={() => Promise.resolve(keys)}
              suggestKey={trace.trace_id}
              placeholder={text.anyAttribute}
            />
          </div>
        )}
        {isReady && <span class={viewStyle.note}>{text.groups(number(groups.length))}</span>}
      </div>
      {isReady ? (
        <VirtualTable
          caption={text.caption}
          columns={columns}
          rows={groups}
          rowKey={(group) => group.key}
          order={query.value.get("order") ?? "-own"}
          onOrder={(order) => changeQuery({ order }, { replace: true })}
          onSelect={(group) => showGroup(group, key)}
        />
      ) : (
        <EmptyState title={text.which}>
          <p>{text.frequent}</p>
          <ul class={viewStyle.chips}>
            {keys.slice(0, FREQUENT).map((each) => (
              <li key={each}>
                <button type="button" class={style.link} onClick={() => changeQuery({ key: each })}>
                  {each}
                </button>
              </li>
            ))}
          </ul>
        </EmptyState>
      )}
    </div>
  );
}

/** Attributes that are offered where none is chosen. */
const FREQUENT = 12;

function columnsOf(by: Grouping, key: string): SizedColumn<Group>[] {
  const time = (name: "total" | "average" | "least" | "most"): SizedColumn<Group> => ({
    key: name,
    label: text[name],
    numeric: true,
    width: "5.75rem",
    cell: (group) => duration(group[name]),
    sortBy: (group) => group[name],
  });
  return [
    ...namesOf(by, key),
    ...tallyColumns<Group>(text.count),
    time("total"),
    time("average"),
    time("least"),
    time("most"),
    {
      key: "own",
      label: text.own,
      numeric: true,
      width: "15rem",
      cell: ({ own, ownShare }) => <Share time={own} share={ownShare} colour="accent" />,
      sortBy: ({ own }) => own,
    },
    {
      key: "critical",
      label: text.critical,
      numeric: true,
      width: "15rem",
      cell: ({ critical, criticalShare }) => (
        <Share time={critical} share={criticalShare} colour="muted" />
      ),
      sortBy: ({ critical }) => critical,
    },
  ];
}

/** What the groups are named by. */
function namesOf(by: Grouping, key: string): SizedColumn<Group>[] {
  const service: SizedColumn<Group> = {
    key: "service",
    label: text.service,
    cell: (group) => <ServiceName name={group.service || "–"} />,
    sortBy: (group) => group.service ?? "",
  };
  const operation: SizedColumn<Group> = {
    key: "operation",
    label: text.operation,
    cell: (group) => <span title={group.operation}>{group.operation || "–"}</span>,
    sortBy: (group) => group.operation ?? "",
  };
  const value: SizedColumn<Group> = {
    key: "value",
    label: key,
    cell: (group) => (group.value === null ? <i>{text.absent}</i> : group.value || '""'),
    sortBy: (group) => group.value ?? "",
  };
  return {
    service: [service],
    operation: [operation],
    service_operation: [service, operation],
    attribute: [value],
  }[by];
}

interface ShareProps {
  time: number;
  share: number;
  colour: "accent" | "muted";
}

const Share = ({ time, share, colour }: ShareProps) =>
  time > 0 ? (
    <span class={style.share}>
      <span>{duration(time)}</span>
      <span class={style.percent}>{percent(100 * share)}</span>
      <ShareBar share={share} colour={colour} />
    </span>
  ) : (
    <>–</>
  );
