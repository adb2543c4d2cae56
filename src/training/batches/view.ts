import { below, drawAt } from '../../common/random.ts';

/** The part of a picture that a network sees: `height`×`width` pixels from (top, left), perhaps in a mirror. */
export interface View {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  readonly mirror: boolean;
}

/** How views are chosen. Plain data. */
export interface ViewRule {
  /** Pixels of a square; the whole picture unless given. */
  readonly crop?: number | undefined;
  /** Caffe mirrors every second picture on average, in testing too. */
  readonly mirror: boolean;
  /** The square lies anywhere in training, in the middle in testing: at floor((size − crop) / 2). */
  readonly phase: 'train' | 'test';
}

/**
 * The view of a picture at a position of a layer's stream (Caffe's DataTransformer). Place and mirror follow from seed,
 * stream and position alone. The picture must not be smaller than the crop.
 */
export function viewAt(
  { crop, mirror, phase }: ViewRule,
  { height, width }: { readonly height: number; readonly width: number },
  seed: number,
  stream: string,
  position: number,
): View {
  const random = new Uint32Array(4);
  drawAt(seed, `view of ${stream}`, position, random);
  const place = (word: number, room: number) =>
    phase === 'train' ? below(word, room + 1) : Math.floor(room / 2);
  const size = crop === undefined ? { height, width } : { height: crop, width: crop };
  return {
    ...size,
    top: place(random[0], height - size.height),
    left: place(random[1], width - size.width),
    mirror: mirror && below(random[2], 2) === 1,
  };
}
