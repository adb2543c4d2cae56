import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { failEnvironment } from '../common/error.ts';
import type { Hash } from '../common/files.ts';
import { version } from '../common/version.ts';
import { fromRgba, type Image as Picture, svgDocument } from '../image/index.ts';
import { decodeBlob } from '../image/pixels/decode.web.ts';
import { encodePng } from '../image/pixels/encode.web.ts';
import { type WebRuntimeOptions, webRuntime } from '../runtime/index.ts';
import type { Compute, ComputeOptions, Files, Host, Images } from '../verbs/host.ts';
import { browserSha256 } from './sha256.ts';

/** Where verbs in a page read and write, and how it computes. */
export type WebHostOptions = WebRuntimeOptions & {
  /** Where verbs read and write: `pageFiles` or `opfsFiles`. */
  readonly files: Files;
};

/**
 * A page or a worker of it: files that a person chose or that the browser keeps, ONNX Runtime as WebAssembly or through
 * WebGPU. One session computes at a time, with a thread for each core but one unless told otherwise.
 */
export function webHost({ files, ...options }: WebHostOptions): Host {
  const runtime = webRuntime(options);
  return {
    files,
    images,
    async compute(_graph, images, { provider = 'wasm', threads }: ComputeOptions): Promise<Compute> {
      // As on Node: what runs once is not worth being rearranged first. Here, moreover, whatever does it is compiled first.
      const session = { provider, threads, ...(images === 1 && { optimise: 'quick' as const }) };
      return { runtime, session, workers: 1, networks: 2, decoders: 4 };
    },
    sha256: hashInPieces,
    async sha256Of(parts) {
      const [first, ...others] = parts;
      // The browser takes a file in one piece.
      const known = others.length === 0 ? await browserSha256(first as Uint8Array<ArrayBuffer>) : undefined;
      return known ?? [first, ...others].reduce((hash, part) => hash.update(part), hashInPieces()).digest();
    },
    packageFile: async (name) =>
      failEnvironment(`npm package ${name}`, 'a page has no packages', 'give its files instead'),
    versions: { limn: version, browser: navigator.userAgent },
  };
}

function hashInPieces(): Hash {
  const hash = sha256.create();
  return {
    update(bytes) {
      hash.update(typeof bytes === 'string' ? utf8ToBytes(bytes) : bytes);
      return this;
    },
    digest: () => bytesToHex(hash.digest()),
  };
}

const images: Images = {
  decode: (bytes, name) => decodeBlob(new Blob([bytes as Uint8Array<ArrayBuffer>]), name),
  async measure(bytes, name) {
    const { height, width } = await images.decode(bytes, name);
    return { height, width };
  },
  encodePng,
  drawSvg,
  async draw(layout) {
    const { density, pictures } = layout;
    const figure = await drawSvg(svgDocument(layout), density);
    for (const { image, x, y } of pictures) put(figure, image, x * density, y * density);
    return figure;
  },
};

async function drawSvg(svg: string, density: number): Promise<Picture> {
  if (typeof document === 'undefined') {
    failEnvironment('figure', 'a worker cannot draw SVG', 'ask for heatmaps only, or draw in the page');
  }
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const drawn = new Image();
    drawn.src = url;
    await drawn.decode();
    const [width, height] = [Math.round(drawn.width * density), Math.round(drawn.height * density)];
    const context = new OffscreenCanvas(width, height).getContext('2d');
    if (!context) return failEnvironment('figure', 'the browser gives no canvas to draw on');
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, width, height);
    context.drawImage(drawn, 0, 0, width, height);
    return fromRgba(context.getImageData(0, 0, width, height), 'figure');
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Copies a picture into another one. */
function put(into: Picture, { width, height, data }: Picture, left: number, top: number): void {
  for (let row = 0; row < height; row++) {
    into.data.set(
      data.subarray(row * width * 3, (row + 1) * width * 3),
      ((top + row) * into.width + left) * 3,
    );
  }
}
