import type { Tensor } from './tensor.ts';

/** How pixels are weighed when a photo changes its size. */
export const resizeFilters = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos'] as const;

/** How a photo is resized as Pillow does: the name of its filter. */
export type ResizeFilter = (typeof resizeFilters)[number];

/** How a photo comes to the size that the network's input is cut from. */
export const resizeModes = ['stretch', 'shorter-side', 'pad', 'replicate'] as const;

/** The name of a way to that size. */
export type ResizeMode = (typeof resizeModes)[number];

/** How a photo becomes the network's input. Applied in the order of the fields; values are on the scale 0–255. */
export interface Preprocessing {
  /**
   * `stretch` ignores the aspect ratio, as Caffe does; `shorter-side` keeps it and covers the size; `pad` keeps it by
   * black borders, equal on both sides; `replicate` by repeating the outermost rows or columns, as the LRP Toolbox's program does.
   */
  readonly resize?: {
    readonly height: number;
    readonly width: number;
    readonly mode: ResizeMode;
    /** One of Pillow's, which take all pixels into account; unless given, OpenCV's bilinear, which takes four, as Caffe. */
    readonly filter?: ResizeFilter;
  };
  /**
   * Cut from the resized photo; the network's input size. Where the middle lies between two pixels, `even` starts at the
   * one with the even number, as torchvision and timm do; unless given, the crop starts at the first, as Caffe's.
   */
  readonly crop?: { readonly height: number; readonly width: number; readonly rounding?: 'even' };
  readonly channels: 'bgr' | 'rgb' | 'gray';
  /** Subtracted: one number per channel, or an image C×H×W of the resized photo's size, in network channel order. */
  readonly mean?: readonly number[] | Tensor<'float32'>;
  /** Multiplied after the mean; 1 unless given. */
  readonly scale?: number;
  /** Divided by after the mean, per channel. */
  readonly std?: readonly number[];
}

/**
 * How a face is brought into place before it is cut out.
 * - `similarity`: turned, scaled and moved so that its landmarks come to where they are in Adience's aligned faces (the paper's *i*).
 * - `rotation`: turned upright about the middle of its box (the paper's *r*).
 * - `none`: the photo stays as it is.
 */
export type FaceAlignment = 'similarity' | 'rotation' | 'none';

/** How faces are cut out of photos for a network. */
export interface FaceCut {
  readonly align: FaceAlignment;
  /** The border on each side, relative to the face. */
  readonly margin: number;
}

/** One output that means something: class scores, or a number. */
export interface Head {
  /** What people call it: `gender`, `age`; `class` where there is one only. */
  readonly name: string;
  /** The graph output that carries it: probabilities for classes, the number for a regression. */
  readonly output: string;
  readonly kind: 'classes' | 'number';
  readonly labels?: readonly string[];
}

/** A layer as the network's own framework lists it. */
export interface Layer {
  readonly name: string;
  readonly type: string;
}

/** Everything about a model that its graph does not say. Travels in the ONNX file's metadata. */
export interface ModelInfo {
  readonly preprocessing?: Preprocessing;
  /** How faces were cut out that the network was trained on, if it was on faces. */
  readonly faces?: FaceCut;
  readonly heads: readonly Head[];
  /** Where it comes from: source files with hashes, converter and version, licence. */
  readonly provenance: Readonly<Record<string, string>>;
  /** Caffe's layer list, Split layers included, in Caffe's order: what "up to layer k" counts. */
  readonly layers?: readonly Layer[];
}
