import { useEffect, useRef, useState } from 'preact/hooks';
import { percent } from '../../common/format.ts';
import { Slider } from '../parts/controls.tsx';
import type { ShownExplanation } from '../protocol/index.ts';
import { askWorker, client } from '../state/asked.ts';
import { failed } from '../state/failure.ts';
import { type Column, requestOf } from '../state/request.ts';
import type { ChangedPhoto } from './canvas.ts';
import { Curve, type CurvePoint } from './curve.tsx';
import { giveChanged } from './give.ts';

/** More at the start, where most happens. */
const sweep = [0.01, 0.02, 0.04, 0.06, 0.09, 0.13, 0.18, 0.25, 0.33, 0.42, 0.5];

/** The curve of pixel flipping: what becomes of the score as the most relevant pixels go. */
export function RemovePixels({
  photo,
  before,
  column,
  share,
  score,
  onShare,
}: {
  readonly photo: ChangedPhoto | undefined;
  readonly before: ShownExplanation;
  /** Whose score is watched. */
  readonly column: Column;
  /** So many are covered. */
  readonly share: number;
  /** The score of the photo without them; undefined until it is known, and where something else was painted over, too. */
  readonly score: number | undefined;
  /** The photo has lost so many. */
  onShare(share: number): void;
}) {
  const [points, setPoints] = useState<readonly CurvePoint[]>([{ share: 0, score: before.reading.score }]);
  const [drawing, setDrawing] = useState<AbortController>();
  const running = useRef<AbortController | undefined>(undefined);
  const visit = (point: CurvePoint) =>
    setPoints((known) =>
      [...known.filter((each) => each.share !== point.share), point].sort((a, b) => a.share - b.share),
    );
  // Wherever the slider has been, the curve has a point.
  useEffect(() => {
    if (score !== undefined) visit({ share, score });
  }, [share, score]);
  const stop = () => running.current?.abort(new DOMException('another curve, or none', 'AbortError'));
  useEffect(() => stop, []);
  const remove = (next: number) => {
    photo?.removeMost(before.map, before.toInput, next);
    onShare(next);
  };
  const draw = async (changed: ChangedPhoto) => {
    const abort = new AbortController();
    running.current = abort;
    setDrawing(abort);
    let last = share;
    try {
      for (const next of sweep) {
        changed.removeMost(before.map, before.toInput, next);
        const path = await giveChanged(changed);
        const request = requestOf(column, path, 'sum');
        const how = { text: `removing ${percent(next)} of the pixels`, signal: abort.signal };
        const { reading } = await askWorker('explain', request, how).finally(() => client.forget([path]));
        visit({ share: next, score: reading.score });
        last = next;
      }
    } catch (error) {
      failed(error);
    }
    if (running.current !== abort) return;
    running.current = undefined;
    setDrawing(undefined);
    remove(last);
  };
  return (
    <section class="change-curve" aria-labelledby="curve-title">
      <h2 id="curve-title">Remove the most relevant pixels</h2>
      <Slider
        label="Covered with the mean colour"
        value={share}
        least={0}
        most={0.5}
        step={0.01}
        text={percent(share)}
        onChange={(value) => {
          stop();
          running.current = undefined;
          setDrawing(undefined);
          remove(value);
        }}
      />
      <Curve points={points} at={share} name={before.reading.target.name} />
      <button type="button" disabled={!photo} onClick={() => (drawing ? stop() : photo && void draw(photo))}>
        {drawing ? 'Stop' : 'Draw the curve'}
      </button>
      <p class="hint">
        A map that finds what matters makes the score of {before.reading.target.name} fall early. It is one
        photo and one way to cover pixels; the command <code>limn faithfulness</code> asks many.
      </p>
    </section>
  );
}
