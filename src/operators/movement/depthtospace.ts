import type { GraphBuilder } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import type { Site } from '../site.ts';

interface Geometry {
  readonly block: number;
  /** Channels of the deep side: block² times those of the wide one. */
  readonly deep: number;
  /** The wide side's size. */
  readonly height: number;
  readonly width: number;
  /** Whether channels count blocks within each wide channel (`CRD`), not wide channels within each block (`DCR`). */
  readonly channelFirst: boolean;
}

/** Blocks of channels as blocks of pixels: N×C·b²×H×W becomes N×C×H·b×W·b. */
export const depthToSpace: Operator = {
  op: 'DepthToSpace',
  shapes(site) {
    const { block, deep, height, width } = geometry(site, 'deep');
    if (deep % block ** 2 !== 0) site.fail(`${deep} channels do not make blocks of ${block}×${block}`);
    return [[site.shape(0)[0], deep / block ** 2, height, width]];
  },
  role: () => ({ kind: 'movement' }),
  nonNegative: (site, known) => known(site.input(0)),
  vjp: (b, site, [dy]) => dy && toDepth(b, geometry(site, 'deep'), dy),
};

/** Blocks of pixels as channels: N×C×H×W becomes N×C·b²×H/b×W/b, the block before the channel. */
export const spaceToDepth: Operator = {
  op: 'SpaceToDepth',
  shapes(site) {
    const { block, deep, height, width } = geometry(site, 'wide');
    if (height % block !== 0 || width % block !== 0)
      site.fail(`${height}×${width} pixels do not make blocks of ${block}×${block}`);
    return [[site.shape(0)[0], deep, height / block, width / block]];
  },
  role: () => ({ kind: 'movement' }),
  nonNegative: (site, known) => known(site.input(0)),
  vjp: (b, site, [dy]) => dy && toSpace(b, geometry(site, 'wide'), dy),
};

function geometry(site: Site, input: 'deep' | 'wide'): Geometry {
  const block = site.int('blocksize');
  if (site.shape(0).length !== 4) site.fail(`needs an input of 4 dimensions, got [${site.shape(0)}]`);
  const [channels, height, width] = site.dims(0, 1);
  const by = input === 'deep' ? block : 1;
  return {
    block,
    deep: input === 'deep' ? channels : channels * block ** 2,
    height: height * by,
    width: width * by,
    channelFirst: input === 'deep' && site.string('mode', 'DCR') === 'CRD',
  };
}

function toSpace(b: GraphBuilder, { block, deep, height, width, channelFirst }: Geometry, x: string): string {
  const wide = deep / block ** 2;
  const [rows, columns] = [height / block, width / block];
  const apart = channelFirst ? [wide, block, block] : [block, block, wide];
  const blocks = b.op('Reshape', [x, b.ints(-1, ...apart, rows, columns)]);
  const perm = channelFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  return b.op('Reshape', [b.op('Transpose', [blocks], { perm }), b.ints(-1, wide, height, width)]);
}

function toDepth(b: GraphBuilder, { block, deep, height, width, channelFirst }: Geometry, x: string): string {
  const wide = deep / block ** 2;
  const [rows, columns] = [height / block, width / block];
  const blocks = b.op('Reshape', [x, b.ints(-1, wide, rows, block, columns, block)]);
  const perm = channelFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4];
  return b.op('Reshape', [b.op('Transpose', [blocks], { perm }), b.ints(-1, deep, rows, columns)]);
}
