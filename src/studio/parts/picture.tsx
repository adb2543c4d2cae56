import { useEffect, useRef } from 'preact/hooks';
import { type Image, toRgba } from '../../image/index.ts';

/** A place in a picture: its column and row. */
export interface PicturePlace {
  readonly x: number;
  readonly y: number;
}

/** A picture that is computed when it is drawn, not while the page is laid out. */
export interface Painting {
  readonly width: number;
  readonly height: number;
  paint(): Image;
}

/** Pixels on a canvas, as large as there is room; `onPoint` hears what a pointer is over. */
export function Picture({
  image,
  label,
  pixels = false,
  onPoint,
  onDrag,
}: {
  readonly image: Image | Painting;
  /** What is to be seen, for who does not see it. */
  readonly label: string;
  /** Enlarge in visible pixels rather than smoothly. */
  readonly pixels?: boolean;
  onPoint?(place: PicturePlace | undefined): void;
  /** A region is dragged over, from the pixel where it began. */
  onDrag?(from: PicturePlace, to: PicturePlace, ended: boolean): void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const start = useRef<PicturePlace | undefined>(undefined);
  useEffect(() => {
    // Each in a task of its own: several at once would hold up whoever types or points.
    const painting = setTimeout(() => {
      const { width, height, data } = toRgba('paint' in image ? image.paint() : image);
      const pixels = new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height);
      canvas.current?.getContext('2d')?.putImageData(pixels, 0, 0);
    });
    return () => clearTimeout(painting);
  }, [image]);
  const placeOf = ({ clientX, clientY, currentTarget }: PointerEvent): PicturePlace => {
    const { left, top, width, height } = (currentTarget as HTMLElement).getBoundingClientRect();
    const within = (at: number, size: number, most: number) =>
      Math.max(0, Math.min(most - 1, Math.floor((at / size) * most)));
    return { x: within(clientX - left, width, image.width), y: within(clientY - top, height, image.height) };
  };
  return (
    <canvas
      ref={canvas}
      width={image.width}
      height={image.height}
      class={`picture ${pixels ? 'picture-pixels' : ''} ${onDrag ? 'picture-drag' : ''}`}
      role="img"
      aria-label={label}
      onPointerMove={(event) => {
        const place = placeOf(event);
        onPoint?.(place);
        if (start.current) onDrag?.(start.current, place, false);
      }}
      onPointerLeave={() => onPoint?.(undefined)}
      onPointerDown={(event) => {
        if (!onDrag || event.button !== 0) return;
        (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
        start.current = placeOf(event);
        onDrag(start.current, start.current, false);
      }}
      onPointerUp={(event) => {
        if (start.current) onDrag?.(start.current, placeOf(event), true);
        start.current = undefined;
      }}
    />
  );
}
