/** What is drawn, and how: all of it stands in the address. */
import type { ComponentChildren } from "preact";
import type { ApiError } from "../../api/client";
import { Button } from "../../components/button";
import { SelectField, TextField } from "../../components/field";
import { changeQuery } from "../../routing/location";
import { messages } from "../../text/messages";
import { Choices } from "./choices";
import { CompareMenu } from "./compare-menu";
import { DisplayMenu } from "./display-menu";
import { Menu } from "./menu";
import style from "./toolbar.module.css";
import { TYPES, type View } from "./view";

const text = messages({
  type: { en: "Nodes are", ja: "ノードの単位" },
  app: { en: "Apps", ja: "アプリ" },
  versioned_app: { en: "Versioned apps", ja: "バージョン付きアプリ" },
  workload: { en: "Workloads", ja: "ワークロード" },
  service: { en: "Services", ja: "サービス" },
  operation: { en: "Operations", ja: "オペレーション" },
  scope: { en: "Namespaces and clusters", ja: "名前空間とクラスター" },
  only: { en: "Only namespaces", ja: "名前空間を限定" },
  onlyClusters: { en: "Only clusters", ja: "クラスターを限定" },
  find: { en: "Find", ja: "検索" },
  hide: { en: "Hide", ja: "非表示" },
  findExample: { en: "! healthy OR rt > 500", ja: "! healthy OR rt > 500" },
  hideExample: { en: "namespace = istio-system", ja: "namespace = istio-system" },
  presets: { en: "Examples", ja: "例" },
  presetsOf: { en: "Insert as find", ja: "検索に入れる" },
  presetsHide: { en: "Insert as hide", ja: "非表示に入れる" },
});

/** Kiali's examples, and some that only this language has. */
const FIND = ["! healthy", "rt > 1000", "%error > 5", "name = unknown", "rank <= 2", "! mtls"];
const HIDE = ["healthy", "name = unknown", "kind = database", "rank > 2"];

interface Props {
  view: View;
  namespaces: readonly string[];
  clusters: readonly string[];
  services: readonly string[];
  /** Of the last question: what it has against `find` or `hide` is told there. */
  error: ApiError | undefined;
  /** At the right, above. */
  range: ComponentChildren;
  /** Behind the menus. */
  children: ComponentChildren;
}

export function Toolbar({ view, namespaces, clusters, services, error, range, children }: Props) {
  const faultOf = (parameter: string) =>
    error?.parameter === parameter
      ? [error.message, error.hint].filter(Boolean).join("; ")
      : undefined;
  const named = (values: readonly string[]) => values.map((value) => ({ value, label: value }));
  return (
    <div class={style.toolbar}>
      <div class={style.asked}>
        <div class={style.type}>
          <SelectField
            label={text.type}
            value={view.type}
            options={TYPES.map((value) => ({ value, label: text[value] }))}
            onChange={(type) => changeQuery({ type, select: undefined, ...keptFocus(view) })}
          />
        </div>
        <div class={style.expression}>
          <TextField
            label={text.find}
            placeholder={text.findExample}
            value={view.find}
            error={faultOf("find")}
            onChange={(find) => changeQuery({ find })}
          />
        </div>
        <div class={style.expression}>
          <TextField
            label={text.hide}
            placeholder={text.hideExample}
            value={view.hide}
            error={faultOf("hide")}
            onChange={(hide) => changeQuery({ hide })}
          />
        </div>
        <div class={style.range}>{range}</div>
      </div>
      <div class={style.menus}>
        <Menu label={text.presets}>
          <Examples title={text.presetsOf} name="find" expressions={FIND} />
          <Examples title={text.presetsHide} name="hide" expressions={HIDE} />
        </Menu>
        <Menu label={text.scope} count={view.namespaces.length + view.clusters.length}>
          <Choices
            legend={text.only}
            name="namespace"
            values={named([...new Set([...namespaces, ...view.namespaces])])}
            chosen={view.namespaces}
          />
          <Choices
            legend={text.onlyClusters}
            name="cluster"
            values={named([...new Set([...clusters, ...view.clusters])])}
            chosen={view.clusters}
          />
        </Menu>
        <DisplayMenu view={view} />
        <CompareMenu view={view} services={services} />
        {children}
      </div>
    </div>
  );
}

/** Ids are those of nodes of one type; names hold in every type. */
const keptFocus = ({ focus }: View) => (/^[0-9a-f]{16}$/.test(focus) ? { focus: undefined } : {});

interface ExamplesProps {
  title: string;
  name: "find" | "hide";
  expressions: readonly string[];
}

function Examples({ title, name, expressions }: ExamplesProps) {
  return (
    <div class={style.choices}>
      <span>{title}</span>
      {expressions.map((expression) => (
        <Button key={expression} kind="quiet" onClick={() => changeQuery({ [name]: expression })}>
          <code>{expression}</code>
        </Button>
      ))}
    </div>
  );
}
