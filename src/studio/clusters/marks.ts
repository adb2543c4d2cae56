import { palette } from '../../report/charts/theme.ts';

/* Dots and crosses by the ten thousand: each kind is drawn once, and copied to where it belongs. */

/** Pixels of a mark's radius, and of its line. */
const radius = 3.6;
const line = 2;
const alpha = 0.85;
const none = '#8b919c';

/** The colour of a value in its column; those without one are grey. */
export const colourOfValue = (value: number): string => (value < 0 ? none : palette[value % palette.length]);

type Shape = 'dot' | 'cross';

/** Draws marks on a canvas of so many pixels of the page: `put` says which, by the value that it stands for, and where. */
export function drawMarks(
  canvas: HTMLCanvasElement | null,
  width: number,
  height: number,
  all: (put: (shape: Shape, value: number, x: number, y: number) => void) => void,
): void {
  const context = canvas?.getContext('2d');
  if (!context) return;
  const density = devicePixelRatio;
  // A canvas that is given a size is empty.
  [context.canvas.width, context.canvas.height] = [width * density, height * density];
  context.globalAlpha = alpha;
  const drawn = new Map<string, HTMLCanvasElement>();
  const side = Math.ceil(2 * (radius + line) * density);
  all((shape, value, x, y) => {
    const key = `${shape} ${colourOfValue(value)}`;
    const mark = drawn.get(key) ?? markOf(shape, colourOfValue(value), side, density);
    drawn.set(key, mark);
    context.drawImage(mark, Math.round(x * density - side / 2), Math.round(y * density - side / 2));
  });
}

function markOf(shape: Shape, ink: string, side: number, density: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [side, side];
  const context = canvas.getContext('2d')!;
  context.translate(side / 2, side / 2);
  context.scale(density, density);
  context.fillStyle = context.strokeStyle = ink;
  context.lineWidth = line;
  context.beginPath();
  if (shape === 'dot') {
    context.arc(0, 0, radius, 0, 2 * Math.PI);
    context.fill();
  } else {
    for (const way of [-1, 1]) {
      context.moveTo(-radius, -way * radius);
      context.lineTo(radius, way * radius);
    }
    context.stroke();
  }
  return canvas;
}
