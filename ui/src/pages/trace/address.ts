/** The page's state as the address has it. */
import { changeQuery, query } from "../../routing/location";
import { ALL_LEVELS } from "./rows";
import { VIEWS, type View } from "./view";

const viewNamed = (name: string | null): View => VIEWS.find((view) => view === name) ?? "timeline";

/** Width of the column of names, percent of the timeline's. */
const NAMES = { least: 15, usual: 42, most: 75 };

export interface PageState {
  view: View;
  /** Name of the selected span, see `spanNames`. */
  span: string | null;
  find: string;
  /** Whether only what was found is shown. */
  onlyMatches: boolean;
  adjustsClocks: boolean;
  isUploaded: boolean;
}

export const pageState = (): PageState => ({
  view: viewNamed(query.value.get("view")),
  span: query.value.get("span"),
  find: query.value.get("find") ?? "",
  onlyMatches: query.value.get("only") === "matches",
  adjustsClocks: query.value.get("adjust_clock_skew") === "true",
  isUploaded: query.value.get("uploaded") === "1",
});

/** State of the timeline alone. */
export interface TimelineState {
  /** As `rangeFrom` reads it. */
  range: string | null;
  levels: number;
  /** Names of spans that are folded otherwise than their level. */
  toggled: readonly string[];
  foldsHops: boolean;
  namesPercent: number;
}

export function timelineState(): TimelineState {
  const levels = query.value.get("depth");
  return {
    range: query.value.get("range"),
    levels: levels && /^\d+$/.test(levels) ? Number(levels) : ALL_LEVELS,
    toggled: (query.value.get("toggled") ?? "").split(",").filter(Boolean),
    foldsHops: query.value.get("hops") === "folded",
    namesPercent: namesWidth(Number(query.value.get("names") || NAMES.usual)),
  };
}

export const namesWidth = (percent: number) =>
  Number.isFinite(percent)
    ? Math.round(Math.min(Math.max(percent, NAMES.least), NAMES.most))
    : NAMES.usual;

/** Fold and unfold: nothing that Back need undo. */
export function changeFolding(levels: number, toggled: Iterable<string>): void {
  changeQuery(
    {
      depth: levels === ALL_LEVELS ? undefined : String(levels),
      toggled: [...toggled].join(","),
    },
    { replace: true },
  );
}

/** Take over the search of a link that was made for Jaeger. */
export function takeOverJaegerLink(): void {
  const sought = query.peek().get("uiFind");
  if (sought !== null) {
    changeQuery({ uiFind: undefined, find: query.peek().get("find") ?? sought }, { replace: true });
  }
}
