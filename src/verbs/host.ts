import type { FileSystem, Hash } from '../common/files.ts';
import type { Extent, Graph, Model } from '../graph/index.ts';
import type { FigureLayout, Image } from '../image/index.ts';
import type { LoadedModel, ReadOptions, WrittenModel } from '../onnx/index.ts';
import type { Provider, Runtime, SessionOptions } from '../runtime/index.ts';

/** Where verbs run: Node, or a page. A host gives them what differs between the two, and nothing else. */
export interface Host {
  readonly files: Files;
  readonly images: Images;
  /** Decides where so many images of a network are computed, and how many at once. */
  compute(graph: Graph, images: number, options: ComputeOptions): Promise<Compute>;
  /** SHA-256 in hexadecimal digits, of bytes that come in pieces. */
  sha256(): Hash;
  /** The same of a whole file in parts, which may be large: a page has the browser do it. */
  sha256Of(parts: Iterable<Uint8Array>): Promise<string>;
  /** Where a file of an installed npm package is. Errors: the package is not installed, or the host has none. */
  packageFile(name: string, path: string): Promise<string>;
  /** What computes: the versions of limn, ONNX Runtime and of Node or the browser. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Files by path, models among them. */
export interface Files extends FileSystem {
  /** An `.onnx` model, with the files beside it that hold its weights. */
  readModel(path: string, options?: ReadOptions): Promise<LoadedModel>;
  /** Writes a model as `.onnx`, and what does not fit into it beside it. */
  writeModel(path: string, model: Model): Promise<WrittenModel>;
}

/** Photos and figures as pixels. */
export interface Images {
  /** A photo file as 8-bit RGB. Errors call it `name`. */
  decode(bytes: Uint8Array, name: string): Promise<Image>;
  /** The size of a photo file, which need not be decoded for it. Errors call it `name`. */
  measure(bytes: Uint8Array, name: string): Promise<Extent>;
  encodePng(picture: Image): Promise<Uint8Array>;
  /** An SVG document as pixels on white paper, so many per unit of it. */
  drawSvg(svg: string, density: number): Promise<Image>;
  /** A figure as pixels. */
  draw(layout: FigureLayout): Promise<Image>;
}

/** Where and how a model is run. */
export interface ComputeOptions {
  /** `cpu` in Node and `wasm` in a page unless given. */
  readonly provider?: Provider | undefined;
  /** Threads in all; as many as there are cores unless given. */
  readonly threads?: number | undefined;
}

/** A place to compute. */
export interface Compute {
  readonly runtime: Runtime;
  readonly session: SessionOptions;
  /** Runs that go on at the same time. */
  readonly workers: number;
  /** Networks of this size that memory holds at the same time, with so many workers each. */
  readonly networks: number;
  /** Photos that are decoded at the same time. */
  readonly decoders: number;
}
