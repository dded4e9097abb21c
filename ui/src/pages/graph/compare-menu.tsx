/** With what the graph is compared. */
import { useState } from "preact/hooks";
import { Button } from "../../components/button";
import { Combobox } from "../../components/combobox";
import { SelectField, TextField } from "../../components/field";
import { changeQuery } from "../../routing/location";
import { messages } from "../../text/messages";
import { Menu } from "./menu";
import style from "./toolbar.module.css";
import { EARLIER, isComparing, type View } from "./view";

const text = messages({
  compare: { en: "Compare", ja: "比較" },
  window: { en: "With the window", ja: "比較する期間" },
  none: { en: "No comparison", ja: "比較しない" },
  previous: { en: "Just before", ja: "直前" },
  earlier: { en: (length: string) => `${length} earlier`, ja: (length: string) => `${length} 前` },
  other: { en: "Another window", ja: "別の期間" },
  versions: { en: "Or two versions of", ja: "または次の 2 バージョン" },
  service: { en: "Service", ja: "サービス" },
  before: { en: "Before", ja: "変更前" },
  after: { en: "After", ja: "変更後" },
  apply: { en: "Compare versions", ja: "バージョンを比較" },
});

interface Props {
  view: View;
  services: readonly string[];
}

export function CompareMenu({ view, services }: Props) {
  const known = ["", "previous", ...EARLIER];
  const options = [
    { value: "", label: text.none },
    { value: "previous", label: text.previous },
    ...EARLIER.map((value) => ({ value, label: text.earlier(value) })),
    ...(known.includes(view.compare) ? [] : [{ value: view.compare, label: text.other }]),
  ];
  return (
    <Menu label={text.compare} count={isComparing(view) ? 1 : 0}>
      <SelectField
        label={text.window}
        value={view.compare}
        options={options}
        onChange={(compare) =>
          changeQuery({ compare, compare_versions: undefined, service: undefined })
        }
      />
      <Versions key={view.compareVersions} view={view} services={services} />
    </Menu>
  );
}

function Versions({ view, services }: Props) {
  const [first = "", second = ""] = view.compareVersions.split(",");
  const [service, setService] = useState(view.service);
  const [before, setBefore] = useState(first);
  const [after, setAfter] = useState(second);

  const apply = () =>
    changeQuery({ compare: undefined, compare_versions: `${before},${after}`, service });
  return (
    <fieldset class={style.choices}>
      <legend>{text.versions}</legend>
      <Combobox
        label={text.service}
        value={service}
        suggest={async () => services}
        onChange={setService}
      />
      <div class={style.pair}>
        <TextField label={text.before} placeholder="v1" value={before} onChange={setBefore} />
        <TextField label={text.after} placeholder="v2" value={after} onChange={setAfter} />
      </div>
      <Button disabled={!service || !before || !after} onClick={apply}>
        {text.apply}
      </Button>
    </fieldset>
  );
}
