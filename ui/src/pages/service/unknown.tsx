/** Nothing is known of the service in the time range. */
import { Button } from "../../components/button";
import { EmptyState } from "../../components/states";
import { servicesLink } from "../../routing/links";
import { changeQuery } from "../../routing/location";
import { messages } from "../../text/messages";
import type { Place } from "./place";

const text = messages({
  title: {
    en: (name: string) => `${name} neither sent nor received anything in this time range`,
    ja: (name: string) => `この期間、${name} の送受信はありません`,
  },
  advice: {
    en: "Look at a longer time range, or see which services there are.",
    ja: "期間を長くするか、サービスの一覧を確認してください。",
  },
  longer: { en: "Last 24 hours", ja: "直近 24 時間" },
  services: { en: "All services", ja: "すべてのサービス" },
});

export function Unknown({ place }: { place: Place }) {
  return (
    <EmptyState title={text.title(place.service)}>
      <p>{text.advice}</p>
      <Button onClick={() => changeQuery({ last: "1d", from: undefined, to: undefined })}>
        {text.longer}
      </Button>
      <a href={servicesLink()}>{text.services}</a>
    </EmptyState>
  );
}
