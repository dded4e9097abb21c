/** An empty store, and the way to fill it. */
import { systemLink } from "../routing/links";
import { messages } from "../text/messages";
import { EmptyState } from "./states";

const text = messages({
  title: { en: "No spans have arrived yet", ja: "スパンはまだ届いていません" },
  advice: {
    en: "Point your mesh's extensionProviders at this service's OTLP port, and switch tracing on with a Telemetry resource.",
    ja: "メッシュの extensionProviders をこのサービスの OTLP ポートに向け、Telemetry リソースでトレースを有効にしてください。",
  },
  system: {
    en: "System has the exact snippets, and checks whether your mesh reaches Spanloom",
    ja: "システム画面に設定例があり、メッシュから届いているかを確認できます",
  },
});

export function NoSpans() {
  return (
    <EmptyState title={text.title}>
      <p>{text.advice}</p>
      <a href={systemLink()}>{text.system}</a>
    </EmptyState>
  );
}
