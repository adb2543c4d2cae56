import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { percent } from '../../common/format.ts';
import { Slider } from '../parts/controls.tsx';
import { fitted, leastSide, mostSide, type Square, squareByKey } from './square.ts';

/** A picture with squares on it. */
export function Marked({
  squares,
  children,
}: {
  readonly squares: readonly { readonly square: Square; readonly kind: 'guess' | 'most' }[];
  readonly children: ComponentChildren;
}) {
  return (
    <div class="marked">
      {children}
      {squares.map(({ square, kind }) => (
        <Outline key={kind} square={square} kind={kind} />
      ))}
    </div>
  );
}

const share = (value: number) => `${(100 * value).toFixed(2)}%`;

const Outline = ({ square: { x, y, side }, kind }: { readonly square: Square; readonly kind: string }) => (
  <div
    class={`marked-square marked-${kind}`}
    style={{ left: share(x - side / 2), top: share(y - side / 2), width: share(side), height: share(side) }}
  />
);

/** A picture with a square that the pointer and keys move. */
export function SquarePicker({
  label,
  square,
  children,
  onSquare,
}: {
  readonly label: string;
  /** Undefined where there is none yet. */
  readonly square: Square | undefined;
  readonly children: ComponentChildren;
  onSquare(square: Square): void;
}) {
  const dragging = useRef(false);
  const known = square ?? { x: 0.5, y: 0.5, side: 0.24 };
  const moveTo = ({ clientX, clientY, currentTarget }: PointerEvent) => {
    const { left, top, width, height } = (currentTarget as HTMLElement).getBoundingClientRect();
    onSquare(fitted({ ...known, x: (clientX - left) / width, y: (clientY - top) / height }));
  };
  return (
    <div class="picker">
      <div
        class="marked picture-drag"
        role="application"
        aria-roledescription="picture with a square"
        aria-label={`${label}; arrow keys move the square, plus and minus change its size`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the keys.
        tabIndex={0}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          dragging.current = true;
          moveTo(event);
        }}
        onPointerMove={(event) => {
          if (dragging.current) moveTo(event);
        }}
        onPointerUp={() => {
          dragging.current = false;
        }}
        onPointerCancel={() => {
          dragging.current = false;
        }}
        onKeyDown={(event) => {
          const next = squareByKey(known, event.key);
          if (!next) return;
          event.preventDefault();
          onSquare(square ? next : fitted(known));
        }}
      >
        {children}
        {square && <Outline square={square} kind="guess" />}
      </div>
      <p class="hint" aria-live="polite">
        {square
          ? `The square lies ${percent(square.x)} from the left and ${percent(square.y)} from the top.`
          : 'No square yet: click the picture, or press an arrow key in it.'}
      </p>
      <Slider
        label="Side of the square"
        value={Math.round(100 * known.side)}
        least={100 * leastSide}
        most={100 * mostSide}
        step={1}
        text={`${Math.round(100 * known.side)} % of the picture`}
        onChange={(value) => onSquare(fitted({ ...known, side: value / 100 }))}
      />
    </div>
  );
}
