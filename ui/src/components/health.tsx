/** How well a node or an edge of the graph does: a sign, a word, and the reason. */
import type { Schema } from "../api/client";
import { messages } from "../text/messages";
import { Badge, type Tone } from "./badge";

export type HealthStatus = Schema<"Health">["status"];

const text = messages({
  healthy: { en: "Healthy", ja: "正常" },
  degraded: { en: "Degraded", ja: "低下" },
  failure: { en: "Failing", ja: "障害" },
  na: { en: "No calls", ja: "呼び出しなし" },
});

const TONES: Record<HealthStatus, Tone> = {
  healthy: "healthy",
  degraded: "warning",
  failure: "error",
  na: "neutral",
};

/** Shapes, so that the states differ without colours. */
const SIGNS: Record<HealthStatus, string> = {
  healthy: "●",
  degraded: "▲",
  failure: "✕",
  na: "○",
};

/** From the best to the gravest. */
export const HEALTH_STATUSES = ["na", "healthy", "degraded", "failure"] as const;

/** Return what sorts by health: the graver, the greater. */
export const gravity = (health: Schema<"Health">) => HEALTH_STATUSES.indexOf(health.status);

/** Return the gravest of several; `na` of none. */
export const gravest = (healths: readonly Schema<"Health">[]): Schema<"Health"> =>
  healths.reduce((worst, each) => (gravity(each) > gravity(worst) ? each : worst), {
    status: "na",
    reason: "",
  });

export const healthWord = (status: HealthStatus) => text[status];
export const healthSign = (status: HealthStatus) => SIGNS[status];

/** The state as a badge; the reason is its tip. */
export function Health({ health }: { health: Schema<"Health"> }) {
  return (
    <Badge tone={TONES[health.status]} title={health.reason}>
      <span aria-hidden="true">{SIGNS[health.status]}</span> {text[health.status]}
    </Badge>
  );
}
