import { drawAt, type Uint32Words } from '../../src/common/random.ts';
import {
  type Affine,
  apply,
  compose,
  type Image,
  image,
  invert,
  moving,
  type Point,
  scaling,
  turning,
  warpImage,
} from '../../src/image/index.ts';

/** A face of a collection, with where it is in its photo. */
export interface Source {
  readonly photo: Image;
  readonly centre: Point;
  /** The longer side of its box. */
  readonly side: number;
  readonly tilt: number;
  readonly landmarks: readonly Point[];
}

/** A face in a made-up photo, and all that is true of it. */
export interface Placed {
  readonly centre: Point;
  readonly side: number;
  readonly tilt: number;
  readonly landmarks: readonly Point[];
}

export interface Scene {
  readonly picture: Image;
  readonly faces: readonly Placed[];
}

export interface SceneOptions {
  /** Pixels on a side. */
  readonly side: number;
  readonly faces: number;
  /** The longer side of the smallest and the largest face in pixels. */
  readonly sizes: readonly [number, number];
  /** Tilts are between ± this. */
  readonly tilt: number;
}

/** A made-up photo: faces at places, sizes and angles drawn at random, with soft round edges, on a photo without faces or on coloured noise. */
export function sceneOf(
  sources: readonly Source[],
  backgrounds: readonly Image[],
  random: () => number,
  { side, faces, sizes, tilt }: SceneOptions,
): Scene {
  const uniform = (from: number, to: number) => from + (to - from) * random();
  const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)];
  const kind = Math.floor(uniform(0, backgrounds.length + 1));
  const picture = kind < backgrounds.length ? partOf(backgrounds[kind], side, uniform) : noise(side, uniform);
  const placed: Placed[] = [];
  for (let tries = 0; placed.length < faces && tries < 20 * faces; tries++) {
    const source = oneOf(sources);
    const size = sizes[0] * (sizes[1] / sizes[0]) ** uniform(0, 1);
    const turn = uniform(-tilt, tilt);
    const centre = { x: uniform(size, side - size), y: uniform(size, side - size) };
    const near = ({ centre: { x, y }, side: other }: Placed) =>
      Math.hypot(x - centre.x, y - centre.y) < size + other;
    if (placed.some(near)) continue;
    const scaled = compose(scaling(size / source.side), moving(-source.centre.x, -source.centre.y));
    const toScene = compose(moving(centre.x, centre.y), compose(turning(turn - source.tilt), scaled));
    paste(picture, source, toScene, size);
    const landmarks = source.landmarks.map((point) => apply(toScene, point));
    placed.push({ centre, side: size, tilt: turn, landmarks });
  }
  return { picture, faces: placed };
}

/** Draws a source's surroundings, as far as its photo goes, round and with a soft edge. */
function paste(onto: Image, { photo, centre, side }: Source, toScene: Affine, size: number): void {
  const scale = size / side;
  const room = Math.min(centre.x, centre.y, photo.width - centre.x, photo.height - centre.y, 0.8 * side);
  const radius = room * scale;
  const { x, y } = apply(toScene, centre);
  const [left, top] = [Math.max(0, Math.floor(x - radius)), Math.max(0, Math.floor(y - radius))];
  const width = Math.min(onto.width - left, Math.ceil(2 * radius) + 1);
  const height = Math.min(onto.height - top, Math.ceil(2 * radius) + 1);
  const part = warpImage(photo, compose(invert(toScene), moving(left, top)), { height, width });
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const away = Math.hypot(left + column + 0.5 - x, top + row + 0.5 - y) / radius;
      const cover = Math.min(1, Math.max(0, (1 - away) / 0.1));
      const [from, to] = [(row * width + column) * 3, ((top + row) * onto.width + left + column) * 3];
      for (let c = 0; c < 3; c++)
        onto.data[to + c] = Math.round(onto.data[to + c] * (1 - cover) + part.data[from + c] * cover);
    }
  }
}

type Uniform = (from: number, to: number) => number;

function partOf(photo: Image, side: number, uniform: Uniform): Image {
  const size = Math.min(photo.width, photo.height) * uniform(0.4, 1);
  const corner = moving(uniform(0, photo.width - size), uniform(0, photo.height - size));
  return warpImage(photo, compose(corner, scaling(size / side)), { height: side, width: side });
}

/** Coloured noise with as much in coarse as in fine detail. */
function noise(side: number, uniform: Uniform): Image {
  const sum = new Float32Array(side * side * 3);
  for (let grid = 4, strength = 60; grid <= 128; grid *= 2, strength *= 0.7) {
    const coarse = image(grid, grid);
    for (let i = 0; i < coarse.data.length; i++) coarse.data[i] = Math.floor(uniform(0, 256));
    const fine = warpImage(coarse, scaling(grid / side), { height: side, width: side });
    for (let i = 0; i < sum.length; i++) sum[i] += ((fine.data[i] - 128) / 128) * strength;
  }
  const out = image(side, side);
  for (let i = 0; i < sum.length; i++) out.data[i] = Math.min(255, Math.max(0, Math.round(128 + sum[i])));
  return out;
}

/** Numbers from 0 to 1 (exclusive), always the same for a seed. */
export function uniforms(seed: number): () => number {
  const drawn: Uint32Words = new Uint32Array(4);
  let place = 0;
  return () => {
    drawAt(seed, 'scenes', place++, drawn);
    return drawn[0] / 2 ** 32;
  };
}
