/** What is wrong in the graph, or what has changed, the worst first: each leads to its place. */
import { Drawer } from "../../components/drawer";
import { Health } from "../../components/health";
import { messages } from "../../text/messages";
import { ChangeBadge } from "./change-facts";
import { changeLabel } from "./edge-label";
import { faultsOf } from "./faults";
import style from "./panel.module.css";
import type { Scene, SceneEdge, SceneNode } from "./scene";
import { edgeName, nameOf } from "./sentences";

const text = messages({
  wrong: { en: "What is wrong", ja: "問題点" },
  changed: { en: "What has changed", ja: "変化したもの" },
  well: {
    en: "Nothing is degraded or failing in this window.",
    ja: "この期間に劣化や障害はありません。",
  },
  same: { en: "Nothing has changed beyond chance.", ja: "偶然を超える変化はありません。" },
  found: { en: "Found", ja: "検索結果" },
});

interface Props {
  scene: Scene;
  onSelect: (id: string) => void;
  onClose: () => void;
}

export function Summary({ scene, onSelect, onClose }: Props) {
  const isComparison = [...scene.nodes, ...scene.edges].some(({ compared }) => compared);
  const title = isComparison ? text.changed : text.wrong;
  const found = [...scene.nodes, ...scene.edges].filter(({ isFound }) => isFound);
  return (
    <Drawer title={title} label={title} onClose={onClose}>
      <div class={style.panel}>
        {isComparison ? (
          <Changes scene={scene} onSelect={onSelect} />
        ) : (
          <Faults scene={scene} onSelect={onSelect} />
        )}
        {found.length > 0 && (
          <section>
            <h3>
              {text.found} ({found.length})
            </h3>
            <Rows items={found} scene={scene} onSelect={onSelect} />
          </section>
        )}
      </div>
    </Drawer>
  );
}

type ListProps = Omit<Props, "onClose">;

function Faults({ scene, onSelect }: ListProps) {
  const faults = faultsOf(scene);
  return faults.length ? (
    <Rows items={faults} scene={scene} onSelect={onSelect} />
  ) : (
    <p class={style.muted}>{text.well}</p>
  );
}

function Changes({ scene, onSelect }: ListProps) {
  // The API has them the worst first; edges say where it is, nodes would say it again.
  const changed = scene.edges.filter(({ look }) => look !== "same");
  return changed.length ? (
    <Rows items={changed} scene={scene} onSelect={onSelect} />
  ) : (
    <p class={style.muted}>{text.same}</p>
  );
}

interface RowsProps extends ListProps {
  items: readonly (SceneEdge | SceneNode)[];
}

function Rows({ items, scene, onSelect }: RowsProps) {
  return (
    <ul class={style.rows}>
      {items.map((item) => (
        <li key={item.id}>
          <button type="button" class={style.faultRow} onClick={() => onSelect(item.id)}>
            <span class={style.faultTitle}>
              <span class={style.rowName}>
                {"edge" in item ? edgeName(item, scene) : nameOf(item.id, scene)}
              </span>
              {item.compared ? (
                <ChangeBadge compared={item.compared} />
              ) : (
                <Health health={"edge" in item ? item.edge.health : item.node.health} />
              )}
            </span>
            {item.compared && "edge" in item ? (
              <span class={style.numbers}>
                {item.compared && "source" in item.compared && changeLabel(item.compared)}
              </span>
            ) : (
              item.reason && <span class={style.muted}>{item.reason}</span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}
