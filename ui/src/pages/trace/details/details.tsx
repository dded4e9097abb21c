/** All that is known about one span. */
import type { ComponentChildren } from "preact";
import { Badge } from "../../../components/badge";
import { CopyButton } from "../../../components/copy-button";
import { Drawer } from "../../../components/drawer";
import { ServiceName } from "../../../components/service-name";
import { serviceLink, traceLink } from "../../../routing/links";
import { shortId } from "../../../text/format";
import { messages } from "../../../text/messages";
import type { Hop } from "../hops";
import { layoutOf } from "../layout";
import type { Span, Trace } from "../view";
import { hopName, serviceOf, text as words } from "../words";
import { AttributesTable } from "./attributes";
import style from "./details.module.css";
import { Events } from "./events";
import { Facts } from "./facts";
import { ProxyCall } from "./proxy-call";

const text = messages({
  details: { en: "Span details", ja: "スパンの詳細" },
  copyId: { en: "Copy span id", ja: "スパン ID をコピー" },
  copyLink: { en: "Copy link to this span", ja: "このスパンへのリンクをコピー" },
  lookAt: { en: "Look at", ja: "確認先" },
  inferred: { en: "Inferred link", ja: "推定リンク" },
  attributes: { en: "Attributes", ja: "属性" },
  inherited: { en: "Taken from the proxy above", ja: "上位プロキシから継承" },
  events: { en: "Events", ja: "イベント" },
  links: { en: "Links", ja: "リンク" },
  resource: { en: "Resource", ja: "リソース" },
  scope: { en: "Scope", ja: "スコープ" },
  raw: { en: "Trace state", ja: "トレースステート" },
  dropped: {
    en: (attributes: number, events: number, links: number) =>
      `Dropped before they came here: ${attributes} attributes, ${events} events, ${links} links.`,
    ja: (attributes: number, events: number, links: number) =>
      `到着前に破棄: 属性 ${attributes}、イベント ${events}、リンク ${links}。`,
  },
});

interface Props {
  trace: Trace;
  index: number;
  hop: Hop | undefined;
  /** Why the span was linked to the one above it. */
  inferred: string | undefined;
  /** Words that the search inside of the trace looks for. */
  sought: readonly string[];
  onSelect: (index: number | null) => void;
}

export function Details({ trace, index, hop, inferred, sought, onSelect }: Props) {
  const span = trace.spans[index];
  if (!span) {
    return null;
  }
  const resource = span.resource === null ? undefined : trace.resources[span.resource];
  const scope = span.scope === null ? undefined : trace.scopes[span.scope];
  return (
    <Drawer
      label={text.details}
      onClose={() => onSelect(null)}
      title={
        <>
          <ServiceName
            name={serviceOf(span)}
            {...(span.service_name && { href: serviceLink(span.service_name) })}
          />
          <span class={style.operation}>{span.name}</span>
        </>
      }
    >
      <Marks span={span} />
      <Explained span={span} inferred={inferred} />
      <Facts trace={trace} index={index} hop={hop} onSelect={onSelect} />
      {span.proxy && <ProxyCall proxy={span.proxy} />}
      <Section title={text.attributes} count={Object.keys(span.attributes).length}>
        <AttributesTable
          attributes={span.attributes}
          types={span.attribute_types}
          sought={sought}
          isSearchable
        />
      </Section>
      <Section title={text.inherited} count={Object.keys(span.inherited_attributes).length}>
        <AttributesTable attributes={span.inherited_attributes} sought={sought} />
      </Section>
      <Section title={text.events} count={span.events.length}>
        <Events events={span.events} startNano={layoutOf(trace).startNano} sought={sought} />
      </Section>
      <Section title={text.links} count={span.links.length}>
        {span.links.map((link) => (
          <div key={`${link.trace_id} ${link.span_id}`} class={style.block}>
            {link.span_index === null ? (
              <a href={traceLink(link.trace_id, { span: link.span_id })}>
                <code>{shortId(link.trace_id)}</code> · <code>{link.span_id}</code>
              </a>
            ) : (
              <button type="button" class={style.jump} onClick={() => onSelect(link.span_index)}>
                {trace.spans[link.span_index]?.name} <code>{link.span_id}</code>
              </button>
            )}
            <AttributesTable
              attributes={link.attributes}
              types={link.attribute_types}
              sought={sought}
            />
          </div>
        ))}
      </Section>
      {resource && (
        <Section title={text.resource} count={Object.keys(resource.attributes).length} isFolded>
          <AttributesTable
            attributes={resource.attributes}
            types={resource.attribute_types}
            sought={sought}
            isSearchable
          />
        </Section>
      )}
      {scope?.name && (
        <Section title={text.scope} count={1} isFolded>
          <p>
            {scope.name} {scope.version}
          </p>
          <AttributesTable
            attributes={scope.attributes}
            types={scope.attribute_types}
            sought={sought}
          />
        </Section>
      )}
      {span.trace_state && (
        <Section title={text.raw} count={1} isFolded>
          <code class={style.state}>{span.trace_state}</code>
        </Section>
      )}
      <Dropped span={span} />
    </Drawer>
  );
}

function Marks({ span }: { span: Span }) {
  return (
    <div class={style.marks}>
      {span.error && <Badge tone="error">{span.status.code}</Badge>}
      {span.proxy ? <Badge>{hopName(span.proxy.hop)}</Badge> : null}
      {!span.missing && <Badge>{span.kind}</Badge>}
      <span class={style.grow} />
      <CopyButton value={span.span_id} label={text.copyId} />
      <CopyButton value={window.location.href} label={text.copyLink}>
        {text.copyLink}
      </CopyButton>
    </div>
  );
}

/** What went wrong, in words, before any number. */
function Explained({ span, inferred }: { span: Span; inferred: string | undefined }) {
  return (
    <>
      {span.status.message && <p class={style.error}>{span.status.message}</p>}
      {span.response_flags.map(({ flag, meaning, look_at }) => (
        <p key={flag} class={style.error}>
          <b>{flag}</b>: {meaning}
          <br />
          {text.lookAt}: {look_at}
        </p>
      ))}
      {inferred && (
        <p class={style.info}>
          <b>{text.inferred}</b>: {inferred}
        </p>
      )}
      {span.missing && <p class={style.warning}>{words.missing}</p>}
      {span.warnings.map(({ code, message }) => (
        <p key={code} class={style.warning}>
          {message}
        </p>
      ))}
    </>
  );
}

interface SectionProps {
  title: string;
  /** Nothing is shown without any. */
  count: number;
  isFolded?: boolean;
  children: ComponentChildren;
}

function Section({ title, count, isFolded = false, children }: SectionProps) {
  return count === 0 ? null : (
    <details class={style.section} open={!isFolded}>
      <summary>
        {title} {count > 1 && <span class={style.muted}>{count}</span>}
      </summary>
      {children}
    </details>
  );
}

function Dropped({ span }: { span: Span }) {
  const counts = [
    span.dropped_attributes_count,
    span.dropped_events_count,
    span.dropped_links_count,
  ] as const;
  return counts.some(Boolean) ? <p class={style.warning}>{text.dropped(...counts)}</p> : null;
}
