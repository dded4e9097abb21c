/** Takes the graph elsewhere: as a picture, or as text for other tools. */
import { tokenColour } from "../../app/theme";
import { Button } from "../../components/button";
import { DownloadIcon } from "../../components/icons";
import { withQuery } from "../../routing/location";
import { messages } from "../../text/messages";
import type { Drawing } from "./drawing";
import { Menu } from "./menu";
import style from "./toolbar.module.css";
import type { GraphQuery } from "./view";

const text = messages({
  export: { en: "Export", ja: "書き出し" },
  picture: { en: "As it is drawn", ja: "表示どおり" },
  source: { en: "For other tools", ja: "ほかのツール用" },
  png: { en: "PNG picture", ja: "PNG 画像" },
  svg: { en: "SVG picture", ja: "SVG 画像" },
  dot: { en: "Graphviz DOT", ja: "Graphviz DOT" },
  mermaid: { en: "Mermaid", ja: "Mermaid" },
  json: { en: "JSON", ja: "JSON" },
});

const FORMATS = { dot: "dot", mermaid: "mmd", json: "json" } as const;

interface Props {
  /** What is drawn; null while nothing is. */
  drawing: Drawing | null;
  question: GraphQuery;
  /** What the picture shows, for its title. */
  title: string;
}

export function ExportMenu({ drawing, question, title }: Props) {
  return (
    <Menu
      label={
        <>
          <DownloadIcon /> {text.export}
        </>
      }
    >
      <div class={style.choices}>
        <span>{text.picture}</span>
        <Button kind="quiet" disabled={!drawing} onClick={() => drawing && savePng(drawing)}>
          {text.png}
        </Button>
        <Button kind="quiet" disabled={!drawing} onClick={() => drawing && saveSvg(drawing, title)}>
          {text.svg}
        </Button>
      </div>
      <div class={style.choices}>
        <span>{text.source}</span>
        {(Object.keys(FORMATS) as (keyof typeof FORMATS)[]).map((format) => (
          <a
            key={format}
            class={style.download}
            href={addressOf(question, format)}
            download={`mesh.${FORMATS[format]}`}
          >
            {text[format]}
          </a>
        ))}
      </div>
    </Menu>
  );
}

/** Texts are of one graph as it is: without what is found, and without comparison. */
function addressOf(question: GraphQuery, format: keyof typeof FORMATS): string {
  const { find, compare, compare_versions, service, ...plain } = question;
  const asked = format === "json" ? question : { ...plain, format };
  return withQuery(
    "/api/v1/graph",
    Object.fromEntries(
      Object.entries(asked).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map(String) : String(value),
      ]),
    ),
  );
}

async function savePng(drawing: Drawing): Promise<void> {
  save(await drawing.png(tokenColour("--surface")), "mesh.png");
}

function saveSvg(drawing: Drawing, title: string): void {
  save(new Blob([drawing.svg(title)], { type: "image/svg+xml" }), "mesh.svg");
}

function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
