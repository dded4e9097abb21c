/** A part of the page that asks its question when the user comes to it. */
import type { ComponentChildren } from "preact";
import { type Answer, useAnswer } from "../../api/use-answer";
import { useInSight } from "../../components/in-sight";
import { Panel } from "../../components/panel";
import { Answered } from "../../components/states";

interface Props<T> {
  title: string;
  /** Controls at the right of the title; the answer is undefined until it is there. */
  actions?: (data: T | undefined) => ComponentChildren;
  /** Says what is asked. */
  question: unknown;
  ask: (signal: AbortSignal) => Promise<T>;
  /** Pixels that the part has at least, so that what follows does not jump. */
  minHeight?: number;
  children: (data: T) => ComponentChildren;
}

export function AskingPanel<T>({
  title,
  actions,
  question,
  ask,
  minHeight = 0,
  children,
}: Props<T>) {
  const [part, isSeen] = useInSight<HTMLDivElement>();
  const answer: Answer<T> = useAnswer(isSeen ? JSON.stringify(question) : null, ask);
  return (
    <div ref={part}>
      <Panel title={title} actions={actions?.(answer.data)}>
        <div style={{ minHeight: `${minHeight}px` }}>
          <Answered answer={answer}>{children}</Answered>
        </div>
      </Panel>
    </div>
  );
}
