import { useState } from 'preact/hooks';
import { type Image, toRgba } from '../../image/index.ts';
import { type PinnedFinding, pinFinding } from '../state/notebook.ts';

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
        setTimeout(() => setDone(false), 1500);
      }}
    >
      {done ? 'Pinned' : 'Pin to the notebook'}
    </button>
  );
}

/** Pixels as a PNG in a `data:` URL. */
export function pictureUrl(image: Image): string {
  const { width, height, data } = toRgba(image);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  canvas
    .getContext('2d')
    ?.putImageData(new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height), 0, 0);
  return canvas.toDataURL('image/png');
}

/** A PNG as a `data:` URL. */
export const blobUrl = (blob: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.addEventListener('error', () => reject(reader.error));
    reader.readAsDataURL(blob);
  });
