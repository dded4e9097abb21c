/** The conditions of the list of services, which the address keeps. */
import { Button } from "../../components/button";
import { Field, SelectField } from "../../components/field";
import fieldStyle from "../../components/field.module.css";
import { HEALTH_STATUSES, healthSign, healthWord } from "../../components/health";
import { changeQuery, query } from "../../routing/location";
import { number } from "../../text/format";
import { messages } from "../../text/messages";
import { type Filter, filtered, GROUPS, type ServiceRow, valuesOf } from "./rows";
import style from "./services.module.css";

const text = messages({
  name: { en: "Name", ja: "名前" },
  part: { en: "Part of a name", ja: "名前の一部" },
  namespace: { en: "Namespace", ja: "名前空間" },
  cluster: { en: "Cluster", ja: "クラスター" },
  health: { en: "Health", ja: "状態" },
  kind: { en: "Kind", ja: "種類" },
  all: { en: "All", ja: "すべて" },
  services: { en: "Services", ja: "サービス" },
  gateways: { en: "Gateways and waypoints", ja: "ゲートウェイ" },
  backends: { en: "Databases, queues, external", ja: "DB・キュー・外部" },
});

export const NO_FILTER = {
  name: undefined,
  namespace: undefined,
  cluster: undefined,
  health: undefined,
  kind: undefined,
};

/** Return the conditions in the address. */
export function filterInAddress(): Filter {
  const wanted = (name: string) => query.value.get(name) ?? "";
  return {
    name: wanted("name"),
    namespace: wanted("namespace"),
    cluster: wanted("cluster"),
    health: wanted("health"),
    group: wanted("kind"),
  };
}

export function FilterFields({ rows }: { rows: readonly ServiceRow[] }) {
  const filter = filterInAddress();
  const all = { value: "", label: text.all };
  return (
    <div class={style.filter}>
      <Field label={text.name}>
        {({ id }) => (
          <input
            id={id}
            type="search"
            class={fieldStyle.control}
            placeholder={text.part}
            spellcheck={false}
            value={filter.name}
            onInput={(event) => changeQuery({ name: event.currentTarget.value }, { replace: true })}
          />
        )}
      </Field>
      {(["namespace", "cluster"] as const).map((field) => (
        <SelectField
          key={field}
          label={text[field]}
          value={filter[field]}
          onChange={(value) => changeQuery({ [field]: value })}
          options={[all, ...valuesOf(rows, field).map((value) => ({ value, label: value }))]}
        />
      ))}
      <SelectField
        label={text.kind}
        value={filter.group}
        onChange={(kind) => changeQuery({ kind })}
        options={[all, ...GROUPS.map((value) => ({ value, label: text[value] }))]}
      />
      <Healths rows={filtered(rows, { ...filter, health: "" })} chosen={filter.health} />
    </div>
  );
}

/** How many are in which state; each chooses those. */
function Healths({ rows, chosen }: { rows: readonly ServiceRow[]; chosen: string }) {
  return (
    <fieldset class={style.healths} aria-label={text.health}>
      {HEALTH_STATUSES.toReversed().map((status) => (
        <Button
          key={status}
          pressed={chosen === status}
          onClick={() => changeQuery({ health: chosen === status ? undefined : status })}
        >
          <span class={style[status]} aria-hidden="true">
            {healthSign(status)}
          </span>
          {healthWord(status)}
          <strong>{number(rows.filter((row) => row.health.status === status).length)}</strong>
        </Button>
      ))}
    </fieldset>
  );
}
