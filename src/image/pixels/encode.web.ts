import { fail } from '../../common/error.ts';
import { type Image, toRgba } from '../image.ts';

/** An image as the bytes of a PNG file, encoded by the browser. */
export async function encodePng(picture: Image): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = picture;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d') ?? fail('png', 'the browser gives no canvas to encode on');
  context.putImageData(new ImageData(toRgba(picture).data, width, height), 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/png' });
  return new Uint8Array(await blob.arrayBuffer());
}
