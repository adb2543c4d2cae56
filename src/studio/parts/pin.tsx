import { useState } from 'preact/hooks';
import { type Image, toRgba } from '../../image/index.ts';
import { type PinnedFinding, pinFinding } from '../state/notebook.ts';
import { drawnSvg } from './save.ts';

/** A finding as a room describes it: what is shown, without where and when. */
export type SeenFinding = Omit<PinnedFinding, 'id' | 'date' | 'address' | 'comment'>;

/** Keeps what is shown in the notebook. */
export function PinButton({ seen }: { seen(): SeenFinding | Promise<SeenFinding> }) {
  const [done, setDone] = useState(false);
  return (
    <button
      type="button"
      aria-live="polite"
      onClick={async () => {
        pinFinding(await seen());
        setDone(true);
        setTimeout(() => setDone(false), 3000);
      }}
    >
      {done ? 'Pinned' : 'Pin to the notebook'}
    </button>
  );
}

/** A picture as the notebook keeps it. */
export type KeptPicture = PinnedFinding['pictures'][number];

/** Pixels as a PNG in a `data:` URL. */
export const pictureUrl = (image: Image): string => canvasOf(image).toDataURL('image/png');

/** Pixels on a canvas of their size. */
export function canvasOf(image: Image): HTMLCanvasElement {
  const { width, height, data } = toRgba(image);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  canvas
    .getContext('2d')
    ?.putImageData(new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height), 0, 0);
  return canvas;
}

/** A PNG as a `data:` URL. */
export const blobUrl = (blob: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.addEventListener('error', () => reject(reader.error));
    reader.readAsDataURL(blob);
  });

/** A chart that the worker drew on paper, as a picture. */
export const chartPicture = async (svg: string, alt: string): Promise<KeptPicture> => ({
  source: await blobUrl(await drawnSvg(svg)),
  alt,
});
