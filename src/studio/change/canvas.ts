import { type AffineMap, compose, type ScalarMap, scaling } from '../../image/index.ts';
import { coverRelevant, meanColour, thresholdOf } from './removal.ts';

/** What a brush leaves behind. */
export const brushes = ['mean', 'blur', 'black', 'white', 'original'] as const;
export type Brush = (typeof brushes)[number];

/** Larger photos are worked on at this size: the page would not keep up. */
const largestSide = 1024;

/** A photo that is being changed: a canvas, and the photo as it was. */
export interface ChangedPhoto {
  readonly canvas: HTMLCanvasElement;
  /** How much smaller than the photo the canvas is. */
  readonly reduced: number;
  reset(): void;
  undo(): void;
  /** Remembers how it is, for `undo`. */
  remember(): void;
  stroke(brush: Brush, size: number, from: CanvasPlace, to: CanvasPlace): void;
  /** Covers a rectangle of the photo as it was, and nothing else. */
  cover(brush: Brush, from: CanvasPlace, to: CanvasPlace): void;
  /** Covers the share of pixels that have most relevance, of the photo as it was. */
  removeMost(map: ScalarMap, toInput: AffineMap, share: number): void;
  png(): Promise<Blob>;
}

export interface CanvasPlace {
  readonly x: number;
  readonly y: number;
}

const keptSteps = 20;

/** Opens a photo to be changed on a canvas. */
export async function changedPhoto(canvas: HTMLCanvasElement, address: string): Promise<ChangedPhoto> {
  const photo = new Image();
  photo.src = address;
  await photo.decode();
  const reduced = Math.min(1, largestSide / Math.max(photo.naturalWidth, photo.naturalHeight));
  canvas.width = Math.round(photo.naturalWidth * reduced);
  canvas.height = Math.round(photo.naturalHeight * reduced);
  const { width, height } = canvas;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('the browser gives no canvas to paint on');
  context.drawImage(photo, 0, 0, width, height);
  const original = context.getImageData(0, 0, width, height);
  const [red, green, blue] = meanColour(original);
  const copies: Readonly<Record<Brush, CanvasPattern | string>> = {
    mean: `rgb(${red} ${green} ${blue})`,
    black: '#000000',
    white: '#ffffff',
    blur: patternOf(context, blurred(canvas)),
    original: patternOf(context, copyOf(canvas)),
  };
  const steps: ImageData[] = [];
  return {
    canvas,
    reduced,
    reset: () => context.putImageData(original, 0, 0),
    undo() {
      const step = steps.pop();
      if (step) context.putImageData(step, 0, 0);
    },
    remember() {
      steps.push(context.getImageData(0, 0, width, height));
      if (steps.length > keptSteps) steps.shift();
    },
    stroke(brush, size, from, to) {
      context.strokeStyle = copies[brush];
      context.lineWidth = size;
      context.lineCap = 'round';
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
      context.stroke();
    },
    cover(brush, from, to) {
      context.putImageData(original, 0, 0);
      context.fillStyle = copies[brush];
      context.fillRect(from.x, from.y, to.x - from.x, to.y - from.y);
    },
    removeMost(map, toInput, share) {
      const pixels = new ImageData(new Uint8ClampedArray(original.data), width, height);
      const back = compose(toInput, scaling(1 / reduced));
      coverRelevant(pixels, map, back, thresholdOf(map, share), [red, green, blue]);
      context.putImageData(pixels, 0, 0);
    },
    png: () =>
      new Promise((resolve, reject) =>
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser wrote no picture')))),
      ),
  };
}

function patternOf(context: CanvasRenderingContext2D, source: HTMLCanvasElement): CanvasPattern | string {
  return context.createPattern(source, 'no-repeat') ?? '#808080';
}

function copyOf(source: HTMLCanvasElement): HTMLCanvasElement {
  const copy = document.createElement('canvas');
  copy.width = source.width;
  copy.height = source.height;
  copy.getContext('2d')?.drawImage(source, 0, 0);
  return copy;
}

/** Made small and large again: not every browser has filters for canvases. */
function blurred(source: HTMLCanvasElement): HTMLCanvasElement {
  const small = document.createElement('canvas');
  small.width = Math.max(1, Math.round(source.width / 24));
  small.height = Math.max(1, Math.round(source.height / 24));
  small.getContext('2d')?.drawImage(source, 0, 0, small.width, small.height);
  const large = copyOf(source);
  const context = large.getContext('2d');
  if (context) {
    context.imageSmoothingQuality = 'high';
    context.drawImage(small, 0, 0, large.width, large.height);
  }
  return large;
}
