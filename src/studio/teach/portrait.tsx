import type { ComponentChildren } from 'preact';
import type { ExplainRequest } from '../../verbs/index.ts';
import { Failure, Waiting } from '../parts/notice.tsx';
import type { ShownExplanation } from '../protocol/index.ts';
import { useAsked } from '../state/asked.ts';
import { firstVisit } from '../state/firstvisit.ts';
import { type Column, requestOf } from '../state/request.ts';

/* The portrait and the network of the first visit, which the tour is about, whatever else is looked at in the page. */

/** How the portrait is explained, but for what is said otherwise. */
const usual: Column = { model: firstVisit.model, target: 'predicted', method: 'lrp', parameters: {} };

/** What is asked of the portrait, or of a changed one. */
export const portraitRequest = (
  change: Partial<Column> = {},
  photo: string = firstVisit.photo,
): ExplainRequest => requestOf({ ...usual, ...change }, photo, 'sum');

/** The class that the network answers with, as a request names it. */
export const targetOf = ({ reading }: ShownExplanation): string => String(reading.target.classes[0].index);

/** The class with the largest score. */
export const answerOf = ({ reading: { scores } }: ShownExplanation): string =>
  scores.reduce((best, each) => (each.value > best.value ? each : best)).label;

/** An explanation as far as it is there. */
export function Explaining({
  request,
  children,
}: {
  readonly request: ExplainRequest;
  children(shown: ShownExplanation): ComponentChildren;
}) {
  const asked = useAsked('explain', request, 'explaining the portrait', { oneOfMany: true });
  if (asked.state === 'failed') return <Failure asked={asked} />;
  if (asked.state !== 'ready') return <Waiting text="explaining the portrait" />;
  return <>{children(asked.answer)}</>;
}
