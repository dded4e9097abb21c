/** Which findings are shown. */
import type { Schema } from "../../api/client";

type Finding = Schema<"Finding">;
type Subject = Schema<"Subject">;

/** From the least sure on. */
export const CONFIDENCES: readonly Schema<"Confidence">[] = ["low", "medium", "high", "certain"];

export interface Filter {
  /** Of these signs; none stands for all. */
  signs: readonly string[];
  /** At least so sure; empty for all. */
  confidence: string;
  /** In any of its forms; empty for all, as the others. */
  service: string;
  namespace: string;
  cluster: string;
}

/** Return what the parameters of an address ask for. */
export function filterOf(query: URLSearchParams): Filter {
  const text = (name: string) => query.get(name) ?? "";
  return {
    signs: query.getAll("sign"),
    confidence: text("confidence"),
    service: text("service"),
    namespace: text("namespace"),
    cluster: text("cluster"),
  };
}

/** What takes all conditions from the address. */
export const NO_FILTER = {
  sign: undefined,
  confidence: undefined,
  service: undefined,
  namespace: undefined,
  cluster: undefined,
};

/** Return whether a place is one that is asked for. */
export const holdsPlace = (filter: Filter, place: Subject) =>
  (!filter.service || [place.name, place.service, place.workload].includes(filter.service)) &&
  (!filter.namespace || filter.namespace === place.namespace) &&
  (!filter.cluster || filter.cluster === place.cluster);

/** Return the findings that are asked for, whatever their sign. */
export function ofAnySign(findings: readonly Finding[], filter: Filter): Finding[] {
  const least = sureness(filter.confidence);
  return findings.filter(
    (finding) =>
      sureness(finding.confidence) >= least &&
      [finding.subject, finding.peer].some((place) => place && holdsPlace(filter, place)),
  );
}

/** Return the findings of the signs that are asked for. */
export const ofSigns = (findings: readonly Finding[], { signs }: Filter): Finding[] =>
  findings.filter((finding) => signs.length === 0 || signs.includes(finding.sign));

const sureness = (confidence: string) => (CONFIDENCES as readonly string[]).indexOf(confidence);

/** Return the values of a field that occur among all that was examined. */
export function valuesOf(
  answer: Schema<"Propagation">,
  field: "name" | "namespace" | "cluster",
): string[] {
  const places = [
    ...answer.workloads.map((each) => each.workload),
    ...answer.findings.map((each) => each.subject),
  ];
  return [...new Set(places.map((place) => place[field]))].filter(Boolean).sort();
}
