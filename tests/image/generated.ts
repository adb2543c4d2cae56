import { type Image, image } from '../../src/image/image.ts';

/** Noise that other programs make as easily: bits 16 to 23 of a linear congruential generator. */
export function generatedNoise(width: number, height: number): Image {
  const out = image(width, height);
  let state = 1;
  for (let i = 0; i < out.data.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    out.data[i] = (state >> 16) & 255;
  }
  return out;
}
