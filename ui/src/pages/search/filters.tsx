/** The conditions of the search as fields. */
import { useEffect, useState } from "preact/hooks";
import { answer, api, type Schema } from "../../api/client";
import { Button } from "../../components/button";
import { Combobox } from "../../components/combobox";
import { SelectField, TextField } from "../../components/field";
import { CHOICES, isDuration, type Name, type Values } from "../../query/query-text";
import { changeQuery, query } from "../../routing/location";
import { messages } from "../../text/messages";
import { AttributeEditor } from "./attribute-editor";
import { changeSearch, conditionsOf, searchFor } from "./conditions";
import style from "./filters.module.css";

const text = messages({
  filters: { en: "Conditions", ja: "検索条件" },
  service: { en: "Service", ja: "サービス" },
  anyService: { en: "Any service", ja: "すべてのサービス" },
  operation: { en: "Operation", ja: "オペレーション" },
  anyOperation: { en: "Any operation", ja: "すべてのオペレーション" },
  spanDuration: { en: "Duration of the span", ja: "スパンの所要時間" },
  traceDuration: { en: "Duration of the trace", ja: "トレースの所要時間" },
  atLeast: { en: "At least", ja: "最小" },
  atMost: { en: "At most", ja: "最大" },
  notADuration: { en: "Write 250us, 15ms or 1m30s", ja: "250us、15ms、1m30s の形で入力" },
  more: { en: "More conditions", ja: "その他の条件" },
  kind: { en: "Kind", ja: "種別" },
  status: { en: "Status", ja: "ステータス" },
  any: { en: "Any", ja: "すべて" },
  namespace: { en: "Namespace", ja: "名前空間" },
  cluster: { en: "Cluster", ja: "クラスター" },
  requestId: { en: "x-request-id", ja: "x-request-id" },
  clear: { en: "Clear all conditions", ja: "条件をすべて消去" },
});

const MORE: readonly Name[] = ["kind", "status", "namespace", "cluster", "request_id"];

interface Props {
  values: Values;
  services: readonly Schema<"Services">["services"][number][];
}

export function Filters({ values, services }: Props) {
  const [service, operation] = [values.service?.[0], values.operation?.[0]];
  const hasMore = MORE.some((name) => values[name]);
  const names = sortedNames(services.map((each) => each.name));

  return (
    <section class={style.filters} aria-label={text.filters}>
      <Combobox
        label={text.service}
        value={service ?? ""}
        placeholder={text.anyService}
        onChange={(chosen) => changeSearch({ service: chosen, operation: undefined })}
        suggest={async () => names}
        suggestKey={String(names.length)}
      />
      <Combobox
        label={text.operation}
        value={operation ?? ""}
        placeholder={text.anyOperation}
        onChange={(chosen) => changeSearch({ operation: chosen })}
        suggest={(_, signal) => operationsOf(service, signal)}
        suggestKey={service ?? ""}
      />
      <AttributeEditor attributes={values.attribute ?? []} service={service} />
      <Durations label={text.traceDuration} of="trace_duration" values={values} />
      <Durations label={text.spanDuration} of="duration" values={values} />
      <details
        class={style.more}
        open={hasMore || query.value.has("more")}
        onToggle={(event) => {
          const isOpen = event.currentTarget.open;
          if (isOpen !== (hasMore || query.value.has("more"))) {
            changeQuery({ more: isOpen ? "1" : undefined }, { replace: true });
          }
        }}
      >
        <summary>{text.more}</summary>
        <div class={style.inner}>
          <div class={style.pair}>
            <Choice label={text.kind} name="kind" values={values} />
            <Choice label={text.status} name="status" values={values} />
          </div>
          <Combobox
            label={text.namespace}
            value={values.namespace?.[0] ?? ""}
            placeholder={text.any}
            onChange={(namespace) => changeSearch({ namespace })}
            suggest={async () => sortedNames(services.map((each) => each.namespace))}
            suggestKey={String(names.length)}
          />
          <Combobox
            label={text.cluster}
            value={values.cluster?.[0] ?? ""}
            placeholder={text.any}
            onChange={(cluster) => changeSearch({ cluster })}
            suggest={async () => sortedNames(services.map((each) => each.cluster))}
            suggestKey={String(names.length)}
          />
          <TextField
            label={text.requestId}
            value={values.request_id?.[0] ?? ""}
            onChange={(request_id) => changeSearch({ request_id })}
          />
        </div>
      </details>
      {conditionsOf(values).length > 0 && (
        <Button
          kind="quiet"
          onClick={() =>
            searchFor(
              Object.fromEntries(
                Object.entries(values).filter(([name]) => ["from", "last", "to"].includes(name)),
              ),
            )
          }
        >
          {text.clear}
        </Button>
      )}
    </section>
  );
}

const sortedNames = (names: readonly string[]) =>
  [...new Set(names)].filter(Boolean).toSorted((a, b) => a.localeCompare(b));

async function operationsOf(service: string | undefined, signal: AbortSignal): Promise<string[]> {
  if (!service) {
    return [];
  }
  const { operations } = await answer(
    api.GET("/api/v1/services/{service}/operations", { params: { path: { service } }, signal }),
  );
  return [...new Set(operations.map((operation) => operation.name))];
}

interface ChoiceProps {
  label: string;
  name: "kind" | "status";
  values: Values;
}

function Choice({ label, name, values }: ChoiceProps) {
  return (
    <SelectField
      label={label}
      value={values[name]?.[0] ?? ""}
      onChange={(chosen) => changeSearch({ [name]: chosen })}
      options={[
        { value: "", label: text.any },
        ...CHOICES[name].map((value) => ({ value, label: value })),
      ]}
    />
  );
}

interface DurationsProps {
  label: string;
  of: "duration" | "trace_duration";
  values: Values;
}

function Durations({ label, of, values }: DurationsProps) {
  return (
    <fieldset class={style.group}>
      <legend>{label}</legend>
      <div class={style.pair}>
        <Duration label={text.atLeast} name={`min_${of}`} values={values} />
        <Duration label={text.atMost} name={`max_${of}`} values={values} />
      </div>
    </fieldset>
  );
}

interface DurationProps {
  label: string;
  name: Name;
  values: Values;
}

/** A bound that reaches the search once it is a duration. */
function Duration({ label, name, values }: DurationProps) {
  const value = values[name]?.[0] ?? "";
  const [wrong, setWrong] = useState<string | null>(null);
  useEffect(() => setWrong(null), [value]);

  return (
    <TextField
      label={label}
      value={wrong ?? value}
      placeholder={text.any}
      error={wrong === null ? undefined : text.notADuration}
      onChange={(typed) => {
        // People write a unit behind a space; the API does not.
        const written = typed.replaceAll(" ", "");
        const isRight = written === "" || isDuration(written);
        setWrong(isRight ? null : typed);
        if (isRight) {
          changeSearch({ [name]: written });
        }
      }}
    />
  );
}
