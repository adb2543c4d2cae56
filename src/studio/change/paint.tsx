import type { RefObject } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { percent } from '../../common/format.ts';
import { Segments, Slider } from '../parts/controls.tsx';
import { type Brush, brushes, type CanvasPlace, type ChangedPhoto } from './canvas.ts';

/** The width of the brush, in percent of the photo's. */
const [thinnest, widest] = [2, 40];

/** A photo to be painted over, by the pointer and by keys. `onPainted` hears of every stroke that has ended. */
export function PaintedPhoto({
  canvas,
  photo,
  onPainted,
  onReset,
}: {
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  /** Undefined until it can be painted on. */
  readonly photo: ChangedPhoto | undefined;
  onPainted(): void;
  onReset(): void;
}) {
  const [brush, setBrush] = useState<Brush>('mean');
  const [size, setSize] = useState(12);
  /** Where keys paint; undefined where the pointer does. */
  const [cursor, setCursor] = useState<CanvasPlace>();
  const last = useRef<CanvasPlace | undefined>(undefined);
  const { width = 100, height = 100 } = canvas.current ?? {};
  const begin = (place: CanvasPlace) => {
    photo?.remember();
    photo?.stroke(brush, (width * size) / 100, place, { ...place, x: place.x + 0.01 });
  };
  const placeOf = ({ clientX, clientY, currentTarget }: PointerEvent): CanvasPlace => {
    const { left, top, width: across, height: down } = (currentTarget as HTMLElement).getBoundingClientRect();
    return { x: ((clientX - left) / across) * width, y: ((clientY - top) / down) * height };
  };
  const press = (event: KeyboardEvent) => {
    const change = changeByKey(event.key);
    if (!change || !photo) return;
    event.preventDefault();
    const here = cursor ?? { x: width / 2, y: height / 2 };
    if (change.paints && cursor) {
      begin(here);
      onPainted();
    }
    setSize(between(size + (change.size ?? 0), thinnest, widest));
    const step = width * 0.04;
    // The first key shows where the brush is.
    const [x, y] = cursor
      ? [here.x + (change.x ?? 0) * step, here.y + (change.y ?? 0) * step]
      : [here.x, here.y];
    setCursor({ x: between(x, 0, width), y: between(y, 0, height) });
  };
  return (
    <section class="change-photo" aria-label="the photo">
      <div
        class="painting"
        role="application"
        aria-roledescription="photo to be painted over"
        aria-label="the photo; arrow keys move the brush, the space bar paints, plus and minus change its width"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the keys.
        tabIndex={0}
        onKeyDown={press}
        onBlur={() => setCursor(undefined)}
      >
        <canvas
          ref={canvas}
          class="picture picture-drag"
          role="img"
          aria-label="the photo, to be painted over"
          onPointerDown={(event) => {
            if (!photo || event.button !== 0) return;
            (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
            setCursor(undefined);
            last.current = placeOf(event);
            begin(last.current);
          }}
          onPointerMove={(event) => {
            if (!photo || !last.current) return;
            const here = placeOf(event);
            photo.stroke(brush, (width * size) / 100, last.current, here);
            last.current = here;
          }}
          onPointerUp={() => {
            if (last.current) onPainted();
            last.current = undefined;
          }}
        />
        {cursor && (
          <div
            class="painting-brush"
            style={{
              left: `${(100 * cursor.x) / width}%`,
              top: `${(100 * cursor.y) / height}%`,
              width: `${size}%`,
            }}
          />
        )}
      </div>
      <Segments
        label="Paint over with"
        value={brush}
        choices={brushes.map((value) => ({ value, label: names[value] }))}
        onChange={(value: Brush) => setBrush(value)}
      />
      <Slider
        label="Width of the brush"
        value={size}
        least={thinnest}
        most={widest}
        step={1}
        text={`${size} % of the photo`}
        onChange={setSize}
      />
      <div class="buttons">
        <button
          type="button"
          onClick={() => {
            photo?.undo();
            onPainted();
          }}
        >
          Undo
        </button>
        <button
          type="button"
          onClick={() => {
            photo?.reset();
            onReset();
          }}
        >
          The photo as it was
        </button>
      </div>
      {photo && photo.reduced < 1 && (
        <p class="hint">The photo is worked on at {percent(photo.reduced)} of its size.</p>
      )}
    </section>
  );
}

const between = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));

interface KeyChange {
  readonly x?: number;
  readonly y?: number;
  readonly size?: number;
  readonly paints?: boolean;
}

const keys: Readonly<Record<string, KeyChange>> = {
  ArrowLeft: { x: -1 },
  ArrowRight: { x: 1 },
  ArrowUp: { y: -1 },
  ArrowDown: { y: 1 },
  '+': { size: 2 },
  '=': { size: 2 },
  '-': { size: -2 },
  ' ': { paints: true },
  Enter: { paints: true },
};

/** What a key does to the brush; undefined of other keys. */
const changeByKey = (key: string): KeyChange | undefined => keys[key];

const names: Readonly<Record<Brush, string>> = {
  mean: 'mean',
  blur: 'blur',
  black: 'black',
  white: 'white',
  original: 'restore',
};
