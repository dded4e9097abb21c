/** How the graph is drawn. */
import { Checkbox, SelectField, TextField } from "../../components/field";
import { changeQuery } from "../../routing/location";
import { messages } from "../../text/messages";
import { Choices } from "./choices";
import { Menu } from "./menu";
import style from "./toolbar.module.css";
import { BOXES, isComparing, LABELS, LAYOUTS, type View } from "./view";

const text = messages({
  display: { en: "Display", ja: "表示" },
  labels: { en: "At edges", ja: "エッジのラベル" },
  rate: { en: "Calls a second", ja: "毎秒の呼び出し" },
  share: { en: "Share of the caller's calls", ja: "呼び出し元に占める割合" },
  errors: { en: "Errors in percent", ja: "エラー率" },
  p50: { en: "Response time p50", ja: "応答時間 p50" },
  p95: { en: "Response time p95", ja: "応答時間 p95" },
  p99: { en: "Response time p99", ja: "応答時間 p99" },
  protocol: { en: "Protocol", ja: "プロトコル" },
  boxes: { en: "Frames around", ja: "枠で囲む" },
  cluster: { en: "Clusters", ja: "クラスター" },
  namespace: { en: "Namespaces", ja: "名前空間" },
  app: { en: "Apps", ja: "アプリ" },
  shown: { en: "Show", ja: "表示するもの" },
  traffic: { en: "Moving traffic", ja: "通信のアニメーション" },
  idle: { en: "Idle nodes", ja: "アイドルのノード" },
  gateways: { en: "Gateways", ja: "ゲートウェイ" },
  waypoints: { en: "Waypoints", ja: "ウェイポイント" },
  legend: { en: "Legend", ja: "凡例" },
  layout: { en: "Layout", ja: "レイアウト" },
  layers: { en: "Layers, from left to right", ja: "階層（左から右）" },
  force: { en: "Forces", ja: "力学モデル" },
  threshold: { en: "Slow beyond (p95, ms)", ja: "遅延のしきい値 (p95, ms)" },
  minRate: { en: "Leave out below (calls a second)", ja: "これ未満を省く (毎秒)" },
});

export function DisplayMenu({ view }: { view: View }) {
  const values = <T extends keyof typeof text>(names: readonly T[]) =>
    names.map((value) => ({ value, label: String(text[value]) }));
  return (
    <Menu label={text.display}>
      <div class={style.columns}>
        <Choices
          legend={text.labels}
          name="label"
          values={values(LABELS)}
          chosen={view.labels}
          none="none"
        />
        <div>
          <fieldset class={style.choices}>
            <legend>{text.shown}</legend>
            <Checkbox
              label={text.traffic}
              checked={view.isAnimated}
              onChange={(isOn) => changeQuery({ animate: isOn ? undefined : "off" })}
            />
            <Checkbox
              label={text.idle}
              checked={view.idle}
              onChange={(isOn) => changeQuery({ idle: isOn ? "true" : undefined })}
            />
            <Checkbox
              label={text.gateways}
              checked={!view.passesGateways}
              onChange={(isOn) => changeQuery({ gateways: isOn ? undefined : "pass" })}
            />
            <Checkbox
              label={text.waypoints}
              checked={view.drawsWaypoints}
              onChange={(isOn) => changeQuery({ waypoints: isOn ? "node" : undefined })}
            />
            <Checkbox
              label={text.legend}
              checked={view.hasLegend}
              onChange={(isOn) => changeQuery({ legend: isOn ? "1" : undefined })}
            />
          </fieldset>
          {!isComparing(view) && (
            <Choices legend={text.boxes} name="box" values={values(BOXES)} chosen={view.boxes} />
          )}
        </div>
      </div>
      <SelectField
        label={text.layout}
        value={view.layout}
        options={values(LAYOUTS)}
        onChange={(layout) => changeQuery({ layout })}
      />
      <TextField
        label={text.threshold}
        value={view.threshold ? String(view.threshold) : ""}
        onChange={(threshold) => changeQuery({ threshold })}
      />
      <TextField
        label={text.minRate}
        value={view.minRate}
        onChange={(rate) => changeQuery({ min_rate: Number(rate) > 0 ? rate : undefined })}
      />
    </Menu>
  );
}
