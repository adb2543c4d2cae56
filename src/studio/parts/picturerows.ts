import type { Image as Pixels } from '../../image/index.ts';
import { canvasOf, type KeptPicture } from './pin.tsx';

/** Pixels of one picture's place, and between two. */
const side = 112;
const gap = 6;

/** Small pictures in rows as one PNG, each as large as its place allows: photos smoothly, maps in whole pixels. */
export async function picturesInRows(
  pictures: readonly (Pixels | string)[],
  alt: string,
  columns = 6,
): Promise<KeptPicture> {
  const across = Math.max(1, Math.min(columns, pictures.length));
  const canvas = document.createElement('canvas');
  canvas.width = across * (side + gap) - gap;
  canvas.height = Math.ceil(pictures.length / across) * (side + gap) - gap;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('the browser gives no canvas to draw on');
  for (const [i, picture] of pictures.entries()) {
    const drawn = typeof picture === 'string' ? await loaded(picture) : canvasOf(picture);
    // A photo that cannot be read leaves its place empty.
    if (!drawn) continue;
    const [width, height] =
      drawn instanceof HTMLImageElement
        ? [drawn.naturalWidth, drawn.naturalHeight]
        : [drawn.width, drawn.height];
    const scale = side / Math.max(width, height);
    const [w, h] = [width * scale, height * scale];
    context.imageSmoothingEnabled = typeof picture === 'string';
    context.drawImage(
      drawn,
      (i % across) * (side + gap) + (side - w) / 2,
      Math.floor(i / across) * (side + gap) + (side - h) / 2,
      w,
      h,
    );
  }
  return { source: canvas.toDataURL('image/png'), alt };
}

async function loaded(address: string): Promise<HTMLImageElement | undefined> {
  const image = new Image();
  image.src = address;
  return image.decode().then(
    () => image,
    () => undefined,
  );
}
