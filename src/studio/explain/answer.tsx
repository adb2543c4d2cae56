import { percent, short, valueText } from '../../common/format.ts';
import type { ClassifiedPhoto, FailedItem, HeadAnswer } from '../../verbs/index.ts';
import { Failure, Waiting } from '../parts/notice.tsx';
import type { ShownExplanation } from '../protocol/index.ts';
import { useAsked } from '../state/asked.ts';

/** What the model says of a photo, in words, by all its outputs. */
export function Answer({ model, photo }: { readonly model: string; readonly photo: string }) {
  const asked = useAsked('classify', { model, photos: [photo], top: 2 }, 'asking the network');
  const answer = asked.state === 'ready' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  if (asked.state === 'failed') return <Failure asked={asked} />;
  if (!answer) return <Waiting text="asking the network" />;
  return <AnswerWords photo={answer.photos[0]} />;
}

/** What all outputs of a model say of a photo. */
export function AnswerWords({ photo }: { readonly photo: ClassifiedPhoto | FailedItem }) {
  if ('error' in photo) return <p class="notice notice-failed">{photo.error}</p>;
  const heads = Object.entries(photo.outputs);
  return (
    <ul class="answer">
      {heads.map(([name, head]) => (
        <li key={name}>
          <HeadWords name={name} head={head} only={heads.length === 1} />
        </li>
      ))}
    </ul>
  );
}

function HeadWords({
  name,
  head,
  only,
}: {
  readonly name: string;
  readonly head: HeadAnswer;
  readonly only: boolean;
}) {
  if (head.kind === 'number')
    return (
      <>
        <small>{name}</small>
        <strong>{short(head.value)}</strong>
      </>
    );
  const [best, second] = head.top;
  return (
    <>
      {!only && <small>{name}</small>}
      <strong>{best.label}</strong>
      <span>{valueText(best.value, head.probabilities)}</span>
      {second && (
        <span class="muted">
          then {second.label}, {valueText(second.value, head.probabilities)}
        </span>
      )}
    </>
  );
}

/** The best classes with their bars; a class is explained when it is chosen. */
export function Scores({
  shown,
  onTarget,
}: {
  readonly shown: ShownExplanation;
  onTarget(target: string): void;
}) {
  const { scores, probabilities } = shown.reading;
  const largest = Math.max(...scores.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  return (
    <ul class="scores" aria-label={probabilities ? 'probabilities' : 'scores'}>
      {scores.map(({ index, label, value, explained }) => (
        <li key={index}>
          <button type="button" aria-pressed={explained} onClick={() => onTarget(String(index))}>
            <span class="scores-label">{label}</span>
            <span class="scores-value">{valueText(value, probabilities)}</span>
            <span
              class="scores-bar"
              style={{
                width: percent(Math.max(0, probabilities ? value : value / largest)).replace(' ', ''),
              }}
            />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Whether a map shares out the score, or a difference of it. */
const sharesScore = ({ reading, description }: ShownExplanation): boolean =>
  description.method === 'lrp' || reading.completeness !== undefined;

/** What the sum of a map is called. */
export const sumName = (shown: ShownExplanation): string =>
  sharesScore(shown) ? 'relevance adds up to' : 'the map adds up to';

/** How far relevance adds up to the score that it explains. */
export function Balance({ shown }: { readonly shown: ShownExplanation }) {
  const { reading } = shown;
  const { score, relevance, completeness } = reading;
  const shares = sharesScore(shown);
  const expected = completeness ? completeness.difference : score;
  const agrees = Math.abs(relevance.sum - expected) <= 0.05 * Math.abs(expected);
  return (
    <dl class="measures">
      <div>
        <dt>{completeness ? 'score above the baseline’s' : 'explained score'}</dt>
        <dd>{short(expected)}</dd>
      </div>
      <div>
        <dt>{sumName(shown)}</dt>
        <dd>{short(relevance.sum)}</dd>
      </div>
      {shares && (
        <div>
          <dt>so much of it arrives at the pixels</dt>
          <dd class={agrees ? '' : 'differs'}>{expected === 0 ? '–' : percent(relevance.sum / expected)}</dd>
        </div>
      )}
    </dl>
  );
}
