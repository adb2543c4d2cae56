import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { failEnvironment } from '../common/error.ts';
import { version } from '../common/version.ts';
import { decodeBlob } from '../image/decode.web.ts';
import { encodePng } from '../image/encode.web.ts';
import { fromRgba, type Image, svgDocument } from '../image/index.ts';
import { type WebRuntimeOptions, webRuntime } from '../runtime/index.ts';
import type { Compute, ComputeOptions, Files, Host, Images } from '../verbs/host.ts';

export type WebHostOptions = WebRuntimeOptions & {
  /** Where verbs read and write: `pageFiles` or `opfsFiles`. */
  readonly files: Files;
};

/**
 * A page or a worker of it: files that a person chose or that the browser keeps, ONNX Runtime as WebAssembly or through
 * WebGPU. One session computes at a time, with as many threads as the page may have.
 */
export function webHost({ files, ...options }: WebHostOptions): Host {
  const runtime = webRuntime(options);
  return {
    files,
    images,
    async compute(_graph, _images, { provider, threads }: ComputeOptions): Promise<Compute> {
      return { runtime, session: { provider, threads }, workers: 1 };
    },
    sha256() {
      const hash = sha256.create();
      return {
        update(bytes) {
          hash.update(typeof bytes === 'string' ? utf8ToBytes(bytes) : bytes);
          return this;
        },
        digest: () => bytesToHex(hash.digest()),
      };
    },
    versions: { limn: version, browser: navigator.userAgent },
  };
}

const images: Images = {
  decode: (bytes, name) => decodeBlob(new Blob([bytes as Uint8Array<ArrayBuffer>]), name),
  encodePng,
  async draw(layout) {
    if (typeof document === 'undefined') {
      failEnvironment('figure', 'a worker cannot draw SVG', 'ask for heatmaps only, or draw in the page');
    }
    const { width, height, density, pictures } = layout;
    const url = URL.createObjectURL(new Blob([svgDocument(layout)], { type: 'image/svg+xml' }));
    try {
      const drawn = new Image();
      drawn.src = url;
      await drawn.decode();
      const context = new OffscreenCanvas(width * density, height * density).getContext('2d');
      if (!context) return failEnvironment('figure', 'the browser gives no canvas to draw on');
      context.drawImage(drawn, 0, 0, width * density, height * density);
      const figure = fromRgba(context.getImageData(0, 0, width * density, height * density), 'figure');
      for (const { image, x, y } of pictures) put(figure, image, x * density, y * density);
      return figure;
    } finally {
      URL.revokeObjectURL(url);
    }
  },
};

/** Copies a picture into another one. */
function put(into: Image, { width, height, data }: Image, left: number, top: number): void {
  for (let row = 0; row < height; row++) {
    into.data.set(
      data.subarray(row * width * 3, (row + 1) * width * 3),
      ((top + row) * into.width + left) * 3,
    );
  }
}
