import { plural, short } from '../../common/format.ts';
import { Segments } from '../parts/controls.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import type { ShownExplanation, ShownRandomised } from '../protocol/index.ts';
import { useAsked } from '../state/asked.ts';
import { showTeach, teachView } from '../state/teach.ts';
import { TourMap } from './maps.tsx';
import { answerOf, Explaining, portraitRequest, targetOf } from './portrait.tsx';

const methods = ['lrp', 'guided-backprop'] as const;

/** Shares of the layers that are drawn anew; the last ones are those that the scores come from. */
const shares = [
  { value: '0', label: 'nothing' },
  { value: '0.05', label: 'last layers' },
  { value: '0.5', label: 'half' },
  { value: '1', label: 'all' },
] as const;

/** Maps of a network that has forgotten what it learned: one that does not change has never shown it. */
export const Sanity = () => {
  const { share, seed } = teachView.value;
  return (
    <Explaining request={portraitRequest()}>
      {(before) => (
        <>
          <p>
            A map that shows what the network has learned must change when the network forgets it. Replace
            weights by random numbers, and see which of the two maps hears of it.
          </p>
          <div class="teach-controls">
            <Segments
              label="Random weights in"
              value={shares.find(({ value }) => Number(value) === share)?.value ?? '0'}
              choices={shares}
              onChange={(value) => showTeach({ share: Number(value) })}
            />
            <button type="button" disabled={share === 0} onClick={() => showTeach({ seed: seed + 1 })}>
              Draw other numbers
            </button>
          </div>
          <div class="teach-parts">
            {methods.map((method) => (
              <Forgetful key={method} method={method} before={before} />
            ))}
            <div class="teach-words">
              <h2>How to read it</h2>
              <p>
                The rank correlation with the map of the trained network is 1 where the order of the pixels is
                the same, 0 where it has nothing to do with it.
              </p>
              <p>
                With random numbers in its last layers, the network knows nothing of {answerOf(before)} any
                more. A map that stays as it was has shown the photo all along. That is how a method fails the
                check; one that passes may still be wrong otherwise.
              </p>
            </div>
          </div>
        </>
      )}
    </Explaining>
  );
};

function Forgetful({
  method,
  before,
}: {
  readonly method: (typeof methods)[number];
  readonly before: ShownExplanation;
}) {
  const { share, seed } = teachView.value;
  const request = portraitRequest({ method, target: targetOf(before) });
  const asked = useAsked('randomised', { request, share, seed }, 'drawing weights anew', { oneOfMany: true });
  const found = asked.state === 'ready' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  return (
    <section class="teach-words" aria-label={method} aria-busy={asked.state === 'asking'}>
      <h2>{method}</h2>
      {asked.state === 'failed' && <Failure asked={asked} />}
      {found ? (
        <>
          <TourMap shown={found.shown} label={`the map of ${method} with ${layersText(found)} drawn anew`}>
            {layersText(found)} drawn anew; the network says {answerOf(found.shown)}
          </TourMap>
          <p role="status">
            Rank correlation <strong>{short(found.rank)}</strong>: {verdictOf(found)}
          </p>
        </>
      ) : (
        asked.state === 'asking' && <Waiting text="drawing weights anew" />
      )}
    </section>
  );
}

const layersText = ({ layers, of }: ShownRandomised): string => `${layers} of ${plural(of, 'layer')}`;

/** In the words of `limn faithfulness`, from the same correlations on. */
const verdictOf = ({ layers, rank }: ShownRandomised): string =>
  layers === 0
    ? 'the map of the trained network itself.'
    : rank >= 0.5
      ? 'the map stays much the same. It shows the photo more than what was learned.'
      : rank >= 0.2
        ? 'the map stays somewhat alike.'
        : 'the map changes. It depends on what was learned.';
