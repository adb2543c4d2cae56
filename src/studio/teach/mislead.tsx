import { useEffect, useRef, useState } from 'preact/hooks';
import { short } from '../../common/format.ts';
import { type Brush, type ChangedPhoto, changedPhoto } from '../change/canvas.ts';
import { type GivenPhoto, useGiven } from '../change/give.ts';
import { Answer } from '../explain/answer.tsx';
import { Segments } from '../parts/controls.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import type { ShownExplanation } from '../protocol/index.ts';
import { siteAddress } from '../site.ts';
import { useAsked } from '../state/asked.ts';
import { firstVisit } from '../state/firstvisit.ts';
import { showTeach, teachView } from '../state/teach.ts';
import { TourMap, tourLimit } from './maps.tsx';
import { SquarePicker } from './marked.tsx';
import { answerOf, Explaining, portraitRequest, targetOf } from './portrait.tsx';
import { extremeSquares, fitted, type Square } from './square.ts';

/** A patch over the portrait, and what becomes of the answer. */
export const Mislead = () => (
  <Explaining request={portraitRequest()}>{(shown) => <Patched before={shown} />}</Explaining>
);

const covers: readonly { readonly value: Brush; readonly label: string }[] = [
  { value: 'mean', label: 'mean' },
  { value: 'blur', label: 'blurred' },
  { value: 'black', label: 'black' },
  { value: 'white', label: 'white' },
];

/** A person moves the patch on before the network has answered: so many milliseconds without a move are waited for. */
const settled = 120;

function Patched({ before }: { readonly before: ShownExplanation }) {
  const [brush, setBrush] = useState<Brush>('mean');
  const canvas = useRef<HTMLCanvasElement>(null);
  const { patch, guess } = teachView.value;
  const given = usePatch(canvas, patch, brush);
  const moving = patch !== undefined && (given?.what.patch !== patch || given.what.brush !== brush);
  const { most, least } = extremeSquares(before.map, (patch ?? guess).side);
  const name = answerOf(before);
  return (
    <>
      <p>
        Put a patch on the portrait until the network says something else than <em>{name}</em>. How small can
        it be? Where does it do nothing?
      </p>
      <div class="teach-parts">
        <div class="teach-words">
          <SquarePicker
            label="the portrait under a patch"
            square={patch}
            onSquare={(next) => showTeach({ patch: next })}
          >
            <canvas ref={canvas} class="picture" role="img" aria-label="the portrait, with its patch" />
          </SquarePicker>
          <Segments
            label="Covered with"
            value={brush}
            choices={covers}
            onChange={(value: Brush) => setBrush(value)}
          />
          <div class="buttons">
            <button type="button" onClick={() => showTeach({ patch: fitted(most) })}>
              Where the map has most
            </button>
            <button type="button" onClick={() => showTeach({ patch: fitted(least) })}>
              Where it has least
            </button>
            <button
              type="button"
              disabled={!patch}
              onClick={() => {
                const { patch: _, ...rest } = teachView.value;
                teachView.value = rest;
              }}
            >
              Take it away
            </button>
          </div>
        </div>
        <Outcome before={before} changed={patch && given?.path} moving={moving} />
      </div>
    </>
  );
}

/** What the portrait is covered with, and where. */
interface Patch {
  readonly patch: Square;
  readonly brush: Brush;
}

/** Draws the patch on the canvas, and gives the changed portrait to the worker once the patch lies still. */
function usePatch(
  canvas: { readonly current: HTMLCanvasElement | null },
  patch: Square | undefined,
  brush: Brush,
): GivenPhoto<Patch> | undefined {
  const [photo, setPhoto] = useState<ChangedPhoto>();
  const { given, give } = useGiven<Patch>();
  useEffect(() => {
    if (canvas.current)
      void changedPhoto(canvas.current, siteAddress(`demo/${firstVisit.photo}`)).then(setPhoto);
  }, []);
  useEffect(() => {
    if (!photo) return;
    photo.reset();
    if (!patch) return;
    const { width, height } = photo.canvas;
    const corner = (by: number) => ({ x: (patch.x + by) * width, y: (patch.y + by) * height });
    photo.cover(brush, corner(-patch.side / 2), corner(patch.side / 2));
    const timer = setTimeout(() => void give(photo, { patch, brush }), settled);
    return () => clearTimeout(timer);
  }, [photo, patch, brush]);
  return given;
}

function Outcome({
  before,
  changed,
  moving,
}: {
  readonly before: ShownExplanation;
  readonly changed: string | undefined;
  /** Whether the patch lies elsewhere by now. */
  readonly moving: boolean;
}) {
  const request = changed === undefined ? undefined : portraitRequest({ target: targetOf(before) }, changed);
  const asked = useAsked('explain', request, 'looking at the patched portrait');
  const after = asked.state === 'ready' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  const shown = request ? (after ?? before) : before;
  const busy = moving || asked.state === 'asking';
  const [name, now] = [answerOf(before), answerOf(shown)];
  return (
    <>
      <TourMap shown={shown} limit={tourLimit(before)} label={`what speaks for ${name} now`}>
        what speaks for {name} now
      </TourMap>
      <div class="teach-words" aria-busy={busy}>
        <h2>Its answer</h2>
        {asked.state === 'failed' && <Failure asked={asked} />}
        <Answer model={firstVisit.model} photo={changed ?? firstVisit.photo} />
        <dl class="measures">
          <div>
            <dt>score of {name}, as it was</dt>
            <dd>{short(before.reading.score)}</dd>
          </div>
          <div>
            <dt>now</dt>
            <dd class={shown.reading.score === before.reading.score ? '' : 'differs'}>
              {short(shown.reading.score)}
            </dd>
          </div>
        </dl>
        {busy ? (
          <Waiting text="looking at the patched portrait" />
        ) : (
          <p role="status">
            {!request
              ? 'Nothing is covered yet.'
              : now === name
                ? `Still ${name}.`
                : `The answer has become ${now}. Nothing about the person has changed.`}
          </p>
        )}
      </div>
    </>
  );
}
