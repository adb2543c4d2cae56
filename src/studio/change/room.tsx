import { useEffect, useRef, useState } from 'preact/hooks';
import { percent } from '../../common/format.ts';
import { Segments, Slider } from '../parts/controls.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import type { ShownExplanation } from '../protocol/index.ts';
import { askWorker, client, useAsked } from '../state/asked.ts';
import { photoFiles, type StudioFile } from '../state/files.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { type Column, requestOf, takesLong } from '../state/request.ts';
import { activeColumn, activePhoto } from '../state/view.ts';
import { type Brush, brushes, type CanvasPlace, type ChangedPhoto, changedPhoto } from './canvas.ts';
import { Curve, type CurvePoint } from './curve.tsx';
import { giveChanged } from './give.ts';
import { Outcome } from './outcome.tsx';

/** What would be, if the photo were another: painted over, or without what the map holds for most relevant. */
export function ChangeRoom() {
  const photo = activePhoto();
  const file = photoFiles.value.find(({ path }) => path === photo);
  const column = activeColumn();
  const usable = takesLong(column) ? { ...column, method: 'lrp' as const, parameters: {} } : column;
  const request = file && requestOf(usable, file.path, 'sum');
  const asked = useAsked('explain', request, 'explaining the photo');
  return (
    <main id="main" class="change">
      <h1 class="title">What if?</h1>
      {!file && <p class="hint">Choose a photo in Explain first.</p>}
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'asking' && <Waiting text="explaining the photo" />}
      {file && asked.state === 'ready' && (
        <Changing key={JSON.stringify(request)} file={file} column={usable} before={asked.answer} />
      )}
    </main>
  );
}

function Changing({
  file,
  column,
  before,
}: {
  readonly file: StudioFile;
  readonly column: Column;
  readonly before: ShownExplanation;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [photo, setPhoto] = useState<ChangedPhoto>();
  const [brush, setBrush] = useState<Brush>('mean');
  const [size, setSize] = useState(12);
  const [share, setShare] = useState(0);
  const [changed, setChanged] = useState<string>();
  const [points, setPoints] = useState<readonly CurvePoint[]>([{ share: 0, score: before.reading.score }]);
  const last = useRef<CanvasPlace | undefined>(undefined);

  useEffect(() => {
    if (canvas.current) void changedPhoto(canvas.current, addressOfPhoto(file)).then(setPhoto);
  }, [file]);

  // The class that was explained stays the one that is watched.
  const [{ index } = { index: undefined }] = before.reading.target.classes;
  const against = before.reading.target.against.length > 0;
  const watched: Column = index === undefined || against ? column : { ...column, target: String(index) };
  const follow = async () => {
    if (!photo) return;
    const path = await giveChanged(photo);
    setChanged((old) => {
      if (old !== undefined) client.forget([old]);
      return path;
    });
  };
  const remove = async (next: number) => {
    if (!photo) return;
    setShare(next);
    photo.removeMost(before.map, before.toInput, next);
    await follow();
  };
  const draw = async () => {
    if (!photo) return;
    setPoints([{ share: 0, score: before.reading.score }]);
    for (const next of sweep) {
      photo.removeMost(before.map, before.toInput, next);
      setShare(next);
      const path = await giveChanged(photo);
      const request = requestOf(watched, path, 'sum');
      const text = `removing ${percent(next)} of the pixels`;
      const { reading } = await askWorker('explain', request, { text }).finally(() => client.forget([path]));
      setPoints((known) => [...known, { share: next, score: reading.score }]);
    }
    await follow();
  };
  const placeOf = ({ clientX, clientY, currentTarget }: PointerEvent): CanvasPlace => {
    const { left, top, width, height } = (currentTarget as HTMLElement).getBoundingClientRect();
    const { width: pixels = 1, height: rows = 1 } = canvas.current ?? {};
    return { x: ((clientX - left) / width) * pixels, y: ((clientY - top) / height) * rows };
  };
  const width = ((canvas.current?.width ?? 100) * size) / 100;
  return (
    <div class="change-parts">
      <section class="change-photo" aria-label="the photo">
        <canvas
          ref={canvas}
          class="picture picture-drag"
          role="img"
          aria-label="the photo, to be painted over"
          onPointerDown={(event) => {
            if (!photo || event.button !== 0) return;
            (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
            photo.remember();
            last.current = placeOf(event);
            photo.stroke(brush, width, last.current, { ...last.current, x: last.current.x + 0.01 });
          }}
          onPointerMove={(event) => {
            if (!photo || !last.current) return;
            const here = placeOf(event);
            photo.stroke(brush, width, last.current, here);
            last.current = here;
          }}
          onPointerUp={() => {
            if (last.current) void follow();
            last.current = undefined;
          }}
        />
        <Segments
          label="Paint over with"
          value={brush}
          choices={brushes.map((value) => ({ value, label: names[value] }))}
          onChange={(value: Brush) => setBrush(value)}
        />
        <Slider
          label="Width of the brush"
          value={size}
          least={2}
          most={40}
          step={1}
          text={`${size} % of the photo`}
          onChange={setSize}
        />
        <div class="buttons">
          <button
            type="button"
            onClick={() => {
              photo?.undo();
              void follow();
            }}
          >
            Undo
          </button>
          <button
            type="button"
            onClick={() => {
              photo?.reset();
              setShare(0);
              setChanged(undefined);
            }}
          >
            The photo as it was
          </button>
        </div>
        {photo && photo.reduced < 1 && (
          <p class="hint">The photo is worked on at {percent(photo.reduced)} of its size.</p>
        )}
      </section>
      <Outcome before={before} column={watched} changed={changed} photo={photo} />
      <section class="change-curve" aria-labelledby="curve-title">
        <h2 id="curve-title">Remove the most relevant pixels</h2>
        <Slider
          label="Covered with the mean colour"
          value={share}
          least={0}
          most={0.5}
          step={0.01}
          text={percent(share)}
          onChange={(value) => void remove(value)}
        />
        <Curve points={points} at={share} name={before.reading.target.name} />
        <button type="button" onClick={() => void draw()}>
          Draw the curve
        </button>
        <p class="hint">
          A map that finds what matters makes the score of {before.reading.target.name} fall early. It is one
          photo and one way to cover pixels; the command <code>limn faithfulness</code> asks many.
        </p>
      </section>
    </div>
  );
}

const names: Readonly<Record<Brush, string>> = {
  mean: 'mean',
  blur: 'blur',
  black: 'black',
  white: 'white',
  original: 'undo',
};

/** More at the start, where most happens. */
const sweep = [0.01, 0.02, 0.04, 0.06, 0.09, 0.13, 0.18, 0.25, 0.33, 0.42, 0.5];
