import { useState } from 'preact/hooks';
import { count, percent, short } from '../../common/format.ts';
import type { ExplainRequest, ExplanationReading } from '../../verbs/index.ts';
import { Breakable } from '../parts/breakable.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import type { DepthBar } from '../protocol/index.ts';
import { useAsked } from '../state/asked.ts';
import { type Column, requestOf } from '../state/request.ts';
import { activeColumn, activePhoto } from '../state/view.ts';

/** Whether a method shares the score, layer by layer. */
const shares = ({ method }: Column): boolean => method === 'lrp' || method === 'excitation-backprop';

/** What is asked for it, of the photo and the column that are looked at. */
export function depthRequest(): ExplainRequest | undefined {
  const photo = activePhoto();
  const column = activeColumn();
  return photo !== undefined && shares(column)
    ? { ...requestOf(column, photo, 'sum'), conservation: true }
    : undefined;
}

/** Where relevance went on its way down: what each layer received, and what became of it. */
export function Depth() {
  const column = activeColumn();
  const asked = useAsked('explain', depthRequest(), 'following the relevance');
  if (!shares(column))
    return <p class="hint">Where relevance goes is told of lrp; {column.method} does not share the score.</p>;
  return (
    <section aria-labelledby="depth-title">
      <h2 id="depth-title">Where relevance went</h2>
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'asking' && <Waiting text="following the relevance" />}
      {asked.state === 'ready' && <DepthTable reading={asked.answer.reading} />}
    </section>
  );
}

/** Where relevance stays that a layer does not pass on. */
const keepers = ['bias', 'stabiliser', 'padding', 'other'] as const;

const names = { bias: 'biases', stabiliser: 'stabilisers', padding: 'padding', other: 'other places' };

/** What is less than this share of the most that a layer received is rounding, or as little as that. */
const leastTold = 1e-4;

/** Rows that leave what is below them in sight; all of a deep network's are shown when they are asked for. */
const someRows = 16;

/** The layers that keep some of what they receive; all of them where none does. */
function toldRows(conservation: Conservation, isTold: (value: number) => boolean): Conservation {
  const told = conservation.filter((each) => keepers.some((part) => isTold(each[part])));
  return told.length > 0 ? told : conservation;
}

type Conservation = NonNullable<ExplanationReading['conservation']>;

/** The same as bars, as shares of the score; none where nothing is known. */
export function depthBars({ score, conservation = [] }: ExplanationReading): readonly DepthBar[] {
  if (score === 0) return [];
  return toldRows(conservation, (value) => Math.abs(value) > leastTold * Math.abs(score))
    .slice(0, someRows)
    .map(({ node, received, passed }) => ({
      layer: node,
      received: received / score,
      passed: passed / score,
    }));
}

function DepthTable({ reading: { score, conservation = [] } }: { readonly reading: ExplanationReading }) {
  const scale = Math.max(Math.abs(score), ...conservation.map(({ received }) => Math.abs(received)), 1e-12);
  const isTold = (value: number) => Math.abs(value) > leastTold * scale;
  const rows = toldRows(conservation, isTold);
  const [all, showAll] = useState(false);
  const listed = all || rows.length <= someRows + 2 ? rows : rows.slice(0, someRows);
  const shown = keepers.filter((part) => rows.some((each) => isTold(each[part])));
  const left = keepers.filter((part) => !shown.includes(part));
  return (
    <>
      <p class="hint">
        From the score, {short(score)}, down to the pixels: the layers that keep some of what they receive.{' '}
        <span class="depth-key depth-passed" /> passed on, <span class="depth-key depth-bias" /> kept.
        {left.length > 0 &&
          ` Hardly any, less than 0.01 %, went to ${left.map((part) => names[part]).join(', ')}.`}
      </p>
      <table class="depth">
        <thead>
          <tr>
            {['layer', 'received', 'passed', ...shown].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {listed.map((each) => (
            <tr key={each.node}>
              <th scope="row">
                <Breakable text={each.node} /> <small>{each.rule}</small>
              </th>
              <td class="depth-bars">
                {short(each.received)}
                <span class="depth-bar" style={{ width: width(each.received / scale) }}>
                  <span class="depth-passed" style={{ width: width(each.passed / each.received) }} />
                </span>
              </td>
              <td>{short(each.passed)}</td>
              {shown.map((part) => (
                <td key={part} title={String(each[part])}>
                  {each[part] === 0 ? '' : isTold(each[part]) ? short(each[part]) : '≈ 0'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {listed.length < rows.length && (
        <button type="button" onClick={() => showAll(true)}>
          Show all {count(rows.length)} layers
        </button>
      )}
    </>
  );
}

const width = (share: number): string =>
  percent(Math.min(1, Math.abs(Number.isFinite(share) ? share : 0))).replace(' ', '');
