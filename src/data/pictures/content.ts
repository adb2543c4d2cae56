import type { Image } from '../../image/image.ts';

/** A picture as a network's planes C×H×W; three of them in the order blue, green, red. */
export interface Planes {
  readonly kind: 'planes';
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array | Float32Array;
}

/** What a data set holds of a picture: the bytes of an image file, or planes. */
export type Content = { readonly kind: 'file'; readonly bytes: Uint8Array } | Planes;

/** Makes a picture of a file's bytes. Errors call it `name`. */
export type Decode = (bytes: Uint8Array, name: string) => Promise<Image>;
