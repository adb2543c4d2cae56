import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { plural } from '../../common/format.ts';
import { useWidth } from '../parts/width.ts';
import type { GroupColumn } from '../protocol/index.ts';
import { marksOf, type Scatter, within } from './choose.ts';
import { drawMarks } from './marks.ts';

/** Pixels around the points, and how far from one it is still meant. */
const margin = 14;
const reach = 12;
const tallest = 520;

/** A circle that keys move over the points: its middle and radius, from 0 to 1. */
interface KeyCircle {
  readonly x: number;
  readonly y: number;
  readonly r: number;
}

const firstCircle: KeyCircle = { x: 0.5, y: 0.5, r: 0.12 };
const step = 0.03;

/** Photos as points: a line around some chooses them, a click one; keys move a circle over them and choose what is in it. */
export function ScatterPlot({
  scatter: { places, x, y },
  colour,
  isWrong,
  chosen,
  photo,
  label,
  onAround,
  onClear,
  onPhoto,
}: {
  readonly scatter: Scatter;
  readonly colour: GroupColumn | undefined;
  isWrong(place: number): boolean;
  /** Of its places; undefined where all are. */
  readonly chosen: Int32Array | undefined;
  /** The photo that is shown large. */
  readonly photo: number | undefined;
  readonly label: string;
  onAround(around: readonly number[], more: boolean): void;
  onClear(): void;
  onPhoto(place: number): void;
}) {
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const [line, setLine] = useState<readonly number[]>([]);
  const [circle, setCircle] = useState<KeyCircle>();
  const width = useWidth(stage);
  const height = Math.min(width, tallest);
  const left = (k: number) => margin + x[k] * (width - 2 * margin);
  const top = (k: number) => margin + (1 - y[k]) * (height - 2 * margin);

  const draw = (on: HTMLCanvasElement | null, which: (place: number) => boolean) => {
    if (width > 0)
      drawMarks(on, width, height, (put) => {
        for (let k = 0; k < places.length; k++) {
          const place = places[k];
          if (which(place)) put(isWrong(place) ? 'cross' : 'dot', colour?.of[place] ?? 0, left(k), top(k));
        }
      });
  };
  useLayoutEffect(() => draw(canvas.current, () => true), [places, x, y, colour, isWrong, width, height]);
  // Those that are chosen lie above all others, which are drawn once and fade.
  useLayoutEffect(() => {
    const marks = chosen && marksOf(chosen);
    draw(above.current, (place) => marks?.[place] === 1);
  }, [places, x, y, colour, isWrong, chosen, width, height]);

  // What is over the points, of which it takes keys and the pointer.
  const placeAt = ({ clientX, clientY }: PointerEvent) => {
    const box = stage.current!.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  };
  const unit = ({ x: px, y: py }: { readonly x: number; readonly y: number }) =>
    [(px - margin) / (width - 2 * margin), 1 - (py - margin) / (height - 2 * margin)] as const;
  const nearest = (at: { readonly x: number; readonly y: number }): number | undefined => {
    let best: number | undefined;
    let least = reach ** 2;
    for (let k = 0; k < places.length; k++) {
      const distance = (left(k) - at.x) ** 2 + (top(k) - at.y) ** 2;
      if (distance < least) [best, least] = [places[k], distance];
    }
    return best;
  };
  const around = (pixels: readonly number[]): number[] =>
    Array.from({ length: pixels.length >> 1 }, (_, i) =>
      unit({ x: pixels[2 * i], y: pixels[2 * i + 1] }).map((value) => Number(value.toFixed(3))),
    ).flat();
  const ended = (event: PointerEvent) => {
    const at = placeAt(event);
    if (line.length === 0) return;
    setLine([]);
    if (line.length > 6) return onAround(around(line), event.shiftKey);
    const one = nearest(at);
    if (one !== undefined) onPhoto(one);
    else onClear();
  };
  const inCircle = circle && within(cornersOf(circle), x, y);
  const marked = photo === undefined ? -1 : places.indexOf(photo);
  return (
    <div class="scatter">
      <div
        ref={stage}
        class="scatter-stage"
        role="application"
        aria-label={`${label}; arrow keys move a circle, plus and minus change its size, Enter chooses what is in it`}
        aria-roledescription="scatter plot"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the keys.
        tabIndex={0}
        style={{ height: `${height}px` }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          const at = placeAt(event);
          setCircle(undefined);
          setLine([at.x, at.y]);
        }}
        onPointerMove={(event) => {
          if (line.length === 0) return;
          const at = placeAt(event);
          const [px, py] = line.slice(-2);
          if ((px - at.x) ** 2 + (py - at.y) ** 2 > 9) setLine([...line, at.x, at.y]);
        }}
        onPointerUp={ended}
        onPointerCancel={() => setLine([])}
        onBlur={() => setCircle(undefined)}
        onKeyDown={(event) => {
          const next = movedBy(circle ?? firstCircle, event.key);
          if (next) setCircle(circle ? next : firstCircle);
          else if (event.key === 'Enter' && circle) onAround(cornersOf(circle), event.shiftKey);
          else if (event.key === 'Escape') onClear();
          else return;
          event.preventDefault();
        }}
      >
        <canvas ref={canvas} class={chosen ? 'scatter-others' : ''} />
        <canvas ref={above} />
        <svg width={width} height={height} aria-hidden="true">
          {line.length > 2 && <polygon class="scatter-line" points={line.join(' ')} />}
          {circle && width > 0 && (
            <ellipse
              class="scatter-line"
              cx={margin + circle.x * (width - 2 * margin)}
              cy={margin + (1 - circle.y) * (height - 2 * margin)}
              rx={circle.r * (width - 2 * margin)}
              ry={circle.r * (height - 2 * margin)}
            />
          )}
          {marked >= 0 && width > 0 && (
            <circle class="scatter-photo" cx={left(marked)} cy={top(marked)} r={8} />
          )}
        </svg>
      </div>
      <p class="hint" aria-live="polite">
        {inCircle
          ? `${plural(inCircle.length, 'photo')} in the circle; Enter chooses them, with Shift besides those that are.`
          : 'Draw a line around photos; with Shift, around more of them. Keys: arrows, + and −, Enter, Escape.'}
      </p>
    </div>
  );
}

/** A circle as a line of corners, as one that is drawn. */
const cornersOf = ({ x, y, r }: KeyCircle): number[] =>
  Array.from({ length: 32 }, (_, i) => {
    const angle = (2 * Math.PI * i) / 32;
    return [x + r * Math.cos(angle), y + r * Math.sin(angle)].map((value) => Number(value.toFixed(3)));
  }).flat();

function movedBy({ x, y, r }: KeyCircle, key: string): KeyCircle | undefined {
  const bounded = (value: number, least: number) => Math.max(least, Math.min(1, value));
  const moves: Readonly<Record<string, KeyCircle>> = {
    ArrowLeft: { x: bounded(x - step, 0), y, r },
    ArrowRight: { x: bounded(x + step, 0), y, r },
    ArrowUp: { x, y: bounded(y + step, 0), r },
    ArrowDown: { x, y: bounded(y - step, 0), r },
    '+': { x, y, r: bounded(r * 1.25, 0.02) },
    '=': { x, y, r: bounded(r * 1.25, 0.02) },
    '-': { x, y, r: bounded(r / 1.25, 0.02) },
  };
  return moves[key];
}
