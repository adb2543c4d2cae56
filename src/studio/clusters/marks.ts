import { palette } from '../../report/charts/theme.ts';

/** Pixels of a mark's radius. */
const radius = 3.6;
const none = '#8b919c';

/** The colour of a value in its column; those without one are grey. */
export const colourOfValue = (value: number): string => (value < 0 ? none : palette[value % palette.length]);

type Mark = (shape: 'dot' | 'cross', value: number, x: number, y: number) => void;

/** Draws marks on a canvas of so many pixels of the page: `mark` says which, by the value that it stands for, and where. */
export function drawMarks(
  canvas: HTMLCanvasElement | null,
  width: number,
  height: number,
  all: (mark: Mark) => void,
): void {
  const context = canvas?.getContext('2d');
  if (!context) return;
  const density = devicePixelRatio;
  // A canvas that is given a size is empty.
  [context.canvas.width, context.canvas.height] = [width * density, height * density];
  context.scale(density, density);
  context.globalAlpha = 0.85;
  context.lineWidth = 2;
  all((shape, value, x, y) => {
    context.fillStyle = context.strokeStyle = colourOfValue(value);
    context.beginPath();
    if (shape === 'dot') {
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
    } else {
      for (const way of [-1, 1]) {
        context.moveTo(x - radius, y - way * radius);
        context.lineTo(x + radius, y + way * radius);
      }
      context.stroke();
    }
  });
}
