import { fail } from '../common/error.ts';

/** An 8-bit picture: RGB interleaved, rows from the top, no padding. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
  /** height · width · 3 bytes. */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** Of a photo of which some was transparent: that has become white. */
  readonly wasTransparent?: boolean;
}

/** A photo of more pixels is refused before it is decoded: its pixels alone would take 400 MB. */
export const MAX_PIXELS = 2 ** 27;

/** An image over `data`, or a new black one. Sizes that do not fit are an error that names `name`. */
export function image(width: number, height: number, data?: Image['data'], name = 'image'): Image {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    fail(name, `${width}×${height} is no image size`, 'use whole numbers of at least 1');
  }
  const bytes = data ?? new Uint8Array(width * height * 3);
  if (bytes.length !== width * height * 3) {
    fail(name, `${width}×${height} pixels of RGB need ${width * height * 3} bytes, got ${bytes.length}`);
  }
  return { width, height, channels: 3, data: bytes };
}

/** Refuses absurd sizes before memory is asked for. */
export function checkPixelCount(width: number, height: number, name: string, limit = MAX_PIXELS): void {
  if (width * height > limit) {
    fail(name, `${width}×${height} is ${width * height} pixels, more than ${limit}`, 'scale the photo down');
  }
}

/** What a canvas gives and takes; its alpha is composited on white. */
export interface Rgba {
  readonly width: number;
  readonly height: number;
  /** height · width · 4 bytes, alpha not premultiplied. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** RGBA pixels (a browser's ImageData) as an image; what is transparent becomes white. */
export function fromRgba(pixels: Rgba, name = 'image'): Image {
  const { width, height, data } = pixels;
  const out = image(width, height, undefined, name);
  if (data.length !== width * height * 4) {
    fail(name, `${width}×${height} pixels of RGBA need ${width * height * 4} bytes, got ${data.length}`);
  }
  let wasTransparent = false;
  for (let i = 0, o = 0; i < data.length; i += 4, o += 3) {
    const alpha = data[i + 3];
    // Opaque pixels, nearly all of them, must come through untouched.
    if (alpha === 255) {
      out.data[o] = data[i];
      out.data[o + 1] = data[i + 1];
      out.data[o + 2] = data[i + 2];
    } else {
      wasTransparent = true;
      const white = 255 * (255 - alpha);
      out.data[o] = Math.round((data[i] * alpha + white) / 255);
      out.data[o + 1] = Math.round((data[i + 1] * alpha + white) / 255);
      out.data[o + 2] = Math.round((data[i + 2] * alpha + white) / 255);
    }
  }
  return wasTransparent ? { ...out, wasTransparent } : out;
}

/** An image as opaque RGBA pixels; in a browser `new ImageData(rgba.data, width, height)` takes them. */
export function toRgba(picture: Image): Rgba & { readonly data: Uint8ClampedArray<ArrayBuffer> } {
  const { width, height, data } = picture;
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0, o = 0; i < data.length; i += 3, o += 4) {
    rgba[o] = data[i];
    rgba[o + 1] = data[i + 1];
    rgba[o + 2] = data[i + 2];
    rgba[o + 3] = 255;
  }
  return { width, height, data: rgba };
}

/**
 * The luminance of each pixel, written to all three channels: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601) in
 * OpenCV's 15-bit fixed point, so that grey networks see the numbers cvtColor gives.
 */
export function toGrey(picture: Image): Image {
  const { width, height, data } = picture;
  const out = image(width, height);
  for (let i = 0; i < data.length; i += 3) {
    const y = (9798 * data[i] + 19235 * data[i + 1] + 3735 * data[i + 2] + (1 << 14)) >> 15;
    out.data[i] = y;
    out.data[i + 1] = y;
    out.data[i + 2] = y;
  }
  return out;
}

/** The rectangle of `width`×`height` pixels whose top left pixel is (top, left). */
export function cropImage(
  picture: Image,
  at: { top: number; left: number; height: number; width: number },
): Image {
  const { top, left, height, width } = at;
  if (top < 0 || left < 0 || top + height > picture.height || left + width > picture.width) {
    fail(
      'crop',
      `${height}×${width} at row ${top}, column ${left} leaves the ${picture.height}×${picture.width} image`,
    );
  }
  const out = image(width, height);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * picture.width + left) * 3;
    out.data.set(picture.data.subarray(start, start + width * 3), row * width * 3);
  }
  return out;
}

/** The picture seen in a mirror: left and right exchanged. */
export function mirrorImage(picture: Image): Image {
  const { width, height, data } = picture;
  const out = image(width, height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = (row * width + width - 1 - column) * 3;
      const to = (row * width + column) * 3;
      out.data[to] = data[from];
      out.data[to + 1] = data[from + 1];
      out.data[to + 2] = data[from + 2];
    }
  }
  return out;
}
